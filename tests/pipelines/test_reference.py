"""Published files in, clips out, published files again: the real pipelines on the real project, every size tiny."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import DatasetError
from safetensors.torch import load_file
from tests.pipelines.new_domain_project import DECODER
from tests.reference.sizes import DM_OPTIONS, LFAE_OPTIONS
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.error_report import input_error
from lfdm_pipeline.models.account import MisfitError
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.reference import import_lfae
from lfdm_pipeline.reference.exporting import PublishedFile, published_dm, published_lfae
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS

PROJECT = Path(__file__).parents[2]
TRAINING = {"steps": 2, "batch_size": 2, "warmup_steps": 0}
TINY = {
    "device": "cpu",
    "source": {"synthetic": {"size": 32, "train_subjects": 2, "test_subjects": 1, "min_frames": 6, "max_frames": 8}},
    "ingestion": {"size": 32},
    "lfae": {"model": LFAE_OPTIONS.model_dump(), "region_training": None, "training": TRAINING},
    "conditioning": {"encoder": "labels"},
    "dm": {"model": DM_OPTIONS.model_dump(mode="json"), "data": {"num_frames": 4}, "training": TRAINING},
    "generation": {"num_frames": 4, "sampler": {"steps": 2}},
}
BOTH = "reference.lfae=one.pth,reference.dm=two.pth"


@dataclass(frozen=True)
class Project:
    """A project whose models were imported."""

    root: Path

    @property
    def models(self) -> Path:
        return self.root / "data/06_models/synthetic"

    def kedro(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command itself."""
        command = [sys.executable, "-m", "kedro", "run", "--env", "tiny", *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "400"}
        environment.pop("MLFLOW_TRACKING_URI", None)
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)

    def run(self, *pipelines: str, only_missing: bool = False, env: str = "tiny", **parameters: Any) -> None:
        """The same as the command, in this process, which has imported torch already."""
        from kedro.framework.session import KedroSession

        with KedroSession.create(self.root, env=env, runtime_params=parameters) as session:
            session.run(pipeline_names=list(pipelines), only_missing_outputs=only_missing)

    def refusal(self, *pipelines: str, **parameters: Any) -> str:
        with pytest.raises((InputError, DatasetError)) as error:
            self.run(*pipelines, **parameters)
        mendable = input_error(error.value)
        assert isinstance(mendable, InputError), error.value
        return str(mendable)

    def snapshot(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.models.rglob("*") if path.is_file()}


class Payload:
    """Unpickling it leaves a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, ("ran", "w"))


def tensors(file: PublishedFile) -> dict[str, Tensor]:
    return {f"{network}.{name}": tensor for network, state in file.items() for name, tensor in state.items()}


@pytest.fixture(scope="module")
def files() -> dict[str, PublishedFile]:
    torch.manual_seed(0)
    return {"lfae": published_lfae(LFAE(LFAE_OPTIONS)), "dm": published_dm(DM(DM_OPTIONS))}


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, empty_mlflow_database: Path, files: dict[str, PublishedFile]
) -> Iterator[Project]:
    import mlflow
    from kedro.framework.startup import bootstrap_project

    root = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "conf" / "base", root / "conf" / "base")
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT / name, root)
    for folder in ("src", "conf/tiny", "data/mlflow"):
        (root / folder).mkdir(parents=True)
    (root / "conf/tiny/parameters.yml").write_text(yaml.safe_dump(TINY))
    shutil.copy(empty_mlflow_database, root / "data/mlflow/mlflow.db")
    torch.save({**files["lfae"], "optimizer": {"state": {}}, "epoch": 3}, root / "one.pth")
    torch.save({**files["dm"], "optimizer_diff": {}}, root / "two.pth")
    torch.save({**files["lfae"], "epoch": Payload()}, root / "evil.pth")
    handlers = list(logging.root.handlers)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(sys, "path", list(sys.path))
        patch.setattr(sys, "excepthook", sys.excepthook)
        bootstrap_project(root)
        yield Project(root)
        # MLflow remembers the experiment that was the last, whatever the database.
        mlflow.set_experiment("Default")
        mlflow.set_tracking_uri(None)
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)


@pytest.fixture(scope="module")
def imported(project: Project) -> Project:
    """By the documented command."""
    done = project.kedro("--pipelines", "ingestion,reference_import", "--params", BOTH)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none missing, left over or of another shape" in done.stdout
    assert "not read: optimizer, epoch" in done.stdout
    assert "conditioning.encoder=labels gives others" in done.stdout
    return project


def test_what_generation_lacks_is_made_without_training_anything(imported: Project) -> None:
    refusal = imported.refusal("generation")
    assert refusal.startswith("condition_vectors is missing")
    assert refusal.endswith("kedro run --env tiny --pipelines dm_training --only-missing-outputs")
    before = imported.snapshot()
    imported.run("latent_extraction", "dm_training", "generation", only_missing=True)
    assert len(list((imported.root / "data/07_model_output").rglob("*.mp4"))) == 6
    assert len(list((imported.root / "data/04_feature").rglob("*.npy"))) == 18
    assert imported.snapshot() == before


def test_exported_again_every_tensor_is_as_it_was(imported: Project, files: dict[str, PublishedFile]) -> None:
    imported.run("reference_export")
    for entry, file in files.items():
        exported = torch.load(imported.models / "main/published" / f"{entry}.pth", weights_only=True)
        wanted, found = tensors(file), tensors(exported)
        assert found.keys() == wanted.keys()
        assert all(torch.equal(tensor, wanted[name]) for name, tensor in found.items())


@pytest.mark.parametrize(("env", "region_pad"), [("mug", 3), ("mhad", 0), ("natops", 0)])
def test_corpora_describe_the_published_files(env: str, region_pad: int) -> None:
    loader = OmegaConfigLoader(PROJECT / "conf", env=env, **CONFIG_LOADER_ARGS)
    parameters = loader["parameters"]
    assert LFAEOptions.model_validate(parameters["lfae"]["model"]) == LFAEOptions(region_pad=region_pad)
    assert DMOptions.model_validate(parameters["dm"]["model"]) == DMOptions()
    assert parameters["conditioning"]["encoder"] == "bert"


def test_a_wrong_file_is_one_clear_line(imported: Project) -> None:
    before = imported.snapshot()
    given = "reference.lfae=one.pth,lfae.model.num_regions=3"
    done = imported.kedro("--pipelines", "reference_import", "--params", given)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "tensors of one.pth do not fit the model: 6 of another shape" in error
    assert error.endswith("set lfae.model.num_regions=2 (now 3)")
    with pytest.raises(MisfitError) as misfit:
        import_lfae(imported.root / "one.pth", LFAE_OPTIONS.model_copy(update={"num_regions": 3}))
    assert all(name in done.stdout for name in misfit.value.account.misshapen), "the log names all, the error the first"
    assert imported.snapshot() == before


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ({"lfae": "two.pth"}, "no network 'generator' in two.pth, which holds diffusion, optimizer_diff"),
        ({"lfae": "evil.pth"}, "which only running the file's own code would restore; nothing was run"),
        ({"dm": "nowhere.pth"}, "no published weights at nowhere.pth"),
        ({"dm": "pyproject.toml"}, "it begins with b'[build-system]"),
        ({}, "nothing to import: give --params reference.lfae=<file>"),
    ],
)
def test_what_cannot_be_imported_leaves_what_there_is(
    imported: Project, reference: dict[str, str], message: str
) -> None:
    before = imported.snapshot()
    assert message in imported.refusal("reference_import", reference=reference)
    assert imported.snapshot() == before
    assert not (imported.root / "ran").exists()


def test_a_training_starts_from_what_was_imported(imported: Project) -> None:
    training = {"learning_rate": 1e-12}
    imported.run("lfae_training", experiment="longer", lfae={"training": {**training, "init_from": "synthetic/main"}})
    imported.run(
        "latent_extraction",
        "dm_training",
        experiment="longer",
        lfae={"training": {**training, "init_from": "synthetic/main"}},
        dm={"training": {**training, "init_from": "two.pth"}},
    )
    for entry in ("lfae", "dm"):
        start = load_file(imported.models / "main" / entry / "weights.safetensors")
        trained = load_file(imported.models / "longer" / entry / "weights.safetensors")
        weights = [name for name in start if name.endswith((".weight", ".bias", ".gain"))]
        assert all(torch.allclose(trained[name], start[name], atol=1e-6) for name in weights)
    manifests = [json.loads((imported.models / name / "lfae/manifest.json").read_text()) for name in ("main", "longer")]
    assert manifests[1]["inputs"]["lfae.training.init_from"] == manifests[0]["fingerprint"]
    assert [manifest["made_by"] for manifest in manifests] == ["reference_import", "lfae_training"]


def test_a_start_that_is_none_is_refused(imported: Project) -> None:
    before = imported.snapshot()
    refusal = imported.refusal("lfae_training", lfae={"training": {"init_from": "synthetic"}})
    assert "is the very lfae that is to be trained" in refusal
    refusal = imported.refusal("lfae_training", experiment="other", lfae={"training": {"init_from": "mug"}})
    assert "no lfae is called 'mug'" in refusal
    assert imported.snapshot() == before


def test_a_decoder_is_finetuned_from_what_was_imported(imported: Project) -> None:
    before = imported.snapshot()
    env = "synthetic_newdomain"
    shutil.copytree(PROJECT / "conf" / env, imported.root / "conf" / env)
    training = {"steps": 1, "batch_size": 2, "warmup_steps": 0}
    imported.run(
        "ingestion",
        "decoder_finetuning",
        env=env,
        device="cpu",
        source={**TINY["source"], "synthetic": {**TINY["source"]["synthetic"], "takes": 1}},
        ingestion=TINY["ingestion"],
        decoder_finetuning={"training": training, "keep": "rehearsal"},
    )
    assert imported.snapshot() == before
    start = load_file(imported.models / "main/lfae/weights.safetensors")
    finetuned = load_file(imported.models.parent / env / "main/lfae/weights.safetensors")
    changed = {name for name, tensor in finetuned.items() if not torch.equal(tensor, start[name])}
    assert changed
    assert all(name.startswith(DECODER) for name in changed)


def test_one_file_replaces_one_model(imported: Project) -> None:
    replaced: dict[str, Any] = {"experiment": "replaced"}
    imported.run("reference_import", reference={"lfae": "one.pth", "dm": "two.pth"}, **replaced)
    imported.run("latent_extraction", **replaced)
    before = (imported.models / "replaced/dm/weights.safetensors").read_bytes()
    torch.save(published_lfae(LFAE(LFAE_OPTIONS)), imported.root / "other.pth")
    imported.run("reference_import", reference={"lfae": "other.pth"}, **replaced)
    assert (imported.models / "replaced/dm/weights.safetensors").read_bytes() == before
    # The flows were those of the LFAE that was replaced; the DM was not made from it.
    refusal = imported.refusal("dm_training", **replaced)
    assert refusal.startswith("latent_flows")
    assert "it was made from another lfae" in refusal
