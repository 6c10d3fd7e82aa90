import pytest

from lfdm_pipeline.training.environment import Place, first_host, launched

TORCHRUN = {"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "MASTER_ADDR": "node7", "MASTER_PORT": "1234"}
SRUN = {
    "SLURM_JOB_ID": "71234",
    "SLURM_PROCID": "3",
    "SLURM_LOCALID": "1",
    "SLURM_NTASKS": "4",
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_STEP_NODELIST": "gpu[03-04]",
}


def test_a_process_by_itself_has_no_place() -> None:
    assert launched({}) is None
    assert launched({"RANK": "0", "WORLD_SIZE": "1"}) is None
    # As in a batch script before it calls srun.
    assert launched({"SLURM_JOB_ID": "1", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"}) is None


def test_torchrun_says_everything() -> None:
    assert launched(TORCHRUN) == Place(3, 8, 1, "node7", 1234)


def test_srun_says_nearly_everything() -> None:
    assert launched(SRUN) == Place(3, 4, 1, "gpu03", 20000 + 71234 % 20000)
    assert launched(SRUN | {"MASTER_ADDR": "head", "MASTER_PORT": "5"}) == Place(3, 4, 1, "head", 5)


def test_a_place_gives_back_what_torchrun_says() -> None:
    place = launched(TORCHRUN)
    assert place is not None
    assert place.variables() == TORCHRUN


@pytest.mark.parametrize(
    ("nodes", "first"),
    [("gpu03", "gpu03"), ("gpu[03-05,09],login1", "gpu03"), ("a1,b2", "a1"), ("rack[2,4]-n1", "rack2-n1")],
)
def test_first_host_of_a_list(nodes: str, first: str) -> None:
    assert first_host(nodes) == first
