import pytest
from tests.test_configurations import configured

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.hooks.sharing import check_sharing
from lfdm_pipeline.pipeline_registry import register_pipelines


def check(corpus: str, processes: int, *names: str) -> None:
    pipelines = register_pipelines()
    given = configured("parameters", corpus, training={"num_processes": processes})
    nodes = [node for name in names or ("__default__",) for node in pipelines[name].nodes]
    check_sharing(nodes, check_parameters(given, declared_parameters(pipelines)))


@pytest.mark.parametrize(("corpus", "processes"), [("mug", 5), ("mhad", 2), ("natops", 20), ("own", 5), ("local", 2)])
def test_every_corpus_can_be_trained_by_several(corpus: str, processes: int) -> None:
    check(corpus, processes)


def test_the_last_stage_is_checked_before_the_first_one_runs() -> None:
    with pytest.raises(InputError, match=r"^dm.training.batch_size=5 cannot be divided evenly among 4 processes"):
        check("mug", 4)
    check("mug", 4, "lfae_training")


def test_processes_of_a_launcher_count(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RANK": "0", "WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match="among 4 processes"):
        check("mug", 1)
