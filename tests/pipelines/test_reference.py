"""Published files in, clips out, published files again: the real commands on the real project, every size tiny."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from tests.reference.sizes import DM_OPTIONS, LFAE_OPTIONS
from torch import Tensor

from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.reference.exporting import PublishedFile, published_dm, published_lfae

PROJECT = Path(__file__).parents[2]
VARIANT = Path("synthetic/main")
TINY = {
    "device": "cpu",
    "source": {"synthetic": {"size": 32, "train_subjects": 2, "test_subjects": 1, "min_frames": 6, "max_frames": 8}},
    "ingestion": {"size": 32},
    "lfae": {
        "model": LFAE_OPTIONS.model_dump(),
        "region_training": None,
        "training": {"steps": 2, "batch_size": 2, "warmup_steps": 0},
    },
    "conditioning": {"encoder": "labels"},
    "dm": {
        "model": DM_OPTIONS.model_dump(mode="json"),
        "data": {"num_frames": 4},
        "training": {"steps": 2, "batch_size": 2, "warmup_steps": 0},
    },
    "generation": {"num_frames": 4, "sampler": {"steps": 2}},
}


def kedro(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kedro", "run", "--env", "tiny", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "400"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def succeeds(project: Path, *arguments: str) -> str:
    done = kedro(project, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def fails(project: Path, *arguments: str) -> str:
    """The one line that an error is."""
    done = kedro(project, *arguments)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    return error


def tensors(file: PublishedFile) -> dict[str, Tensor]:
    return {f"{network}.{name}": tensor for network, state in file.items() for name, tensor in state.items()}


def models(project: Path) -> Path:
    return project / "data/06_models" / VARIANT


@pytest.fixture(scope="module")
def files() -> dict[str, PublishedFile]:
    torch.manual_seed(0)
    return {"lfae": published_lfae(LFAE(LFAE_OPTIONS)), "dm": published_dm(DM(DM_OPTIONS))}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, files: dict[str, PublishedFile]) -> Path:
    """A project whose models were imported."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "conf" / "base", root / "conf" / "base")
    shutil.copy(PROJECT / "pyproject.toml", root)
    shutil.copy(PROJECT / ".telemetry", root)
    (root / "src").mkdir()
    (root / "conf" / "tiny").mkdir()
    (root / "conf" / "tiny" / "parameters.yml").write_text(yaml.safe_dump(TINY))
    torch.save({**files["lfae"], "optimizer": {"state": {}}, "epoch": 3}, root / "one.pth")
    torch.save({**files["dm"], "optimizer_diff": {}}, root / "two.pth")
    told = succeeds(
        root, "--pipelines", "ingestion,reference_import", "--params", "reference.lfae=one.pth,reference.dm=two.pth"
    )
    assert "none missing, left over or of another shape" in told
    assert "not read: optimizer, epoch" in told
    assert "conditioning.encoder=labels gives others" in told
    return root


def test_what_generation_lacks_is_made_without_training_anything(project: Path) -> None:
    mend = "--pipelines dm_training --only-missing-outputs"
    assert fails(project, "--pipelines", "generation").endswith(f"kedro run --env tiny {mend}")
    before = {path: path.read_bytes() for path in models(project).rglob("*") if path.is_file()}
    succeeds(project, "--pipelines", "latent_extraction,dm_training,generation", "--only-missing-outputs")
    assert len(list((project / "data/07_model_output").rglob("*.mp4"))) == 6
    assert len(list((project / "data/04_feature").rglob("*.npy"))) == 18
    assert {path: path.read_bytes() for path in models(project).rglob("*") if path.is_file()} == before


def test_exported_again_every_tensor_is_as_it_was(project: Path, files: dict[str, PublishedFile]) -> None:
    succeeds(project, "--pipelines", "reference_export")
    for entry, file in files.items():
        exported = torch.load(models(project) / "published" / f"{entry}.pth", weights_only=True)
        wanted, found = tensors(file), tensors(exported)
        assert found.keys() == wanted.keys()
        assert all(torch.equal(tensor, wanted[name]) for name, tensor in found.items())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("reference.lfae=two.pth", "no network 'generator' in two.pth, which holds diffusion, optimizer_diff"),
        ("reference.lfae=nowhere.pth", "no published weights at nowhere.pth"),
        ("reference.lfae=pyproject.toml", "it begins with b'[build-system]"),
        ("reference.lfae=one.pth,lfae.model.num_regions=3", "set lfae.model.num_regions=2 (now 3)"),
        ("seed=0", "nothing to import: give --params reference.lfae=<file>"),
    ],
)
def test_what_cannot_be_imported_leaves_what_there_is(project: Path, given: str, message: str) -> None:
    before = {path: path.read_bytes() for path in models(project).rglob("*") if path.is_file()}
    assert message in fails(project, "--pipelines", "reference_import", "--params", given)
    assert {path: path.read_bytes() for path in models(project).rglob("*") if path.is_file()} == before


def test_one_file_replaces_one_model(project: Path, files: dict[str, PublishedFile]) -> None:
    before = (models(project) / "dm/weights.safetensors").read_bytes()
    other = published_lfae(LFAE(LFAE_OPTIONS))
    torch.save(other, project / "other.pth")
    succeeds(project, "--pipelines", "reference_import", "--params", "reference.lfae=other.pth")
    assert (models(project) / "dm/weights.safetensors").read_bytes() == before
    # The flows were of the LFAE that was replaced, the DM was not made from it.
    message = fails(project, "--pipelines", "dm_training")
    assert "latent_flows" in message
    assert "it was made from another lfae" in message
