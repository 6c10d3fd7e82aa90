"""The corpora under conf: what they change, and that they train as published."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro.config import OmegaConfigLoader

from lfdm_pipeline.clips.augmentation import ColorJitterOptions
from lfdm_pipeline.clips.flow_clips import FlowClipsOptions
from lfdm_pipeline.clips.frame_pairs import FramePairsOptions
from lfdm_pipeline.clips.ingestion import IngestionOptions
from lfdm_pipeline.diffusion.samplers import SamplerOptions
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.models.conditioning import ConditioningOptions
from lfdm_pipeline.models.dm import DMOptions
from lfdm_pipeline.models.lfae import LFAEOptions
from lfdm_pipeline.objectives.lfae import LFAEObjectiveOptions
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjectiveOptions
from lfdm_pipeline.pipeline_registry import register_pipelines
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS
from lfdm_pipeline.training.options import TrainingOptions

CONF = Path(__file__).parents[1] / "conf"
PUBLISHED = ("mug", "mhad", "natops")
TRAINED = (*PUBLISHED, "own")
CORPORA = (*TRAINED, "faceforensics")


def configured(key: str, env: str, **parameters: Any) -> dict[str, Any]:
    return dict(OmegaConfigLoader(CONF, env=env, runtime_params=parameters, **CONFIG_LOADER_ARGS)[key])


def leaves(values: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, f"{name}.{key}" if name else key)
    else:
        yield name, values


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_corpus_says_only_what_differs_from_base(corpus: str) -> None:
    base, own = (dict(leaves(yaml.safe_load((CONF / env / "parameters.yml").read_text()))) for env in ("base", corpus))
    same = {name for name, value in own.items() if name in base and base[name] == value}
    # Each published recipe names its own way of sampling.
    assert same <= {"dm.data.sampling"}


@pytest.mark.parametrize(("corpus", "region_pad"), [("mug", 3), ("mhad", 0), ("natops", 0), ("own", 3)])
def test_sizes_are_the_papers(corpus: str, region_pad: int) -> None:
    parameters = configured("parameters", corpus)
    # The defaults of these classes are proved against the recordings of the published model.
    assert LFAEOptions(**parameters["lfae"]["model"]) == LFAEOptions(region_pad=region_pad)
    assert DMOptions(**parameters["dm"]["model"]) == DMOptions()
    assert IngestionOptions(**parameters["ingestion"]).size == 128
    assert parameters["dm"]["data"]["num_frames"] == parameters["generation"]["num_frames"] == 40
    assert SamplerOptions(**parameters["generation"]["sampler"]) == SamplerOptions()


@pytest.mark.parametrize("corpus", TRAINED)
def test_stage_one_is_trained_for_the_papers_terms(corpus: str) -> None:
    lfae = configured("parameters", corpus)["lfae"]
    assert lfae["objective"] == configured("parameters", "faceforensics")["lfae"]["objective"], "what finetunes it"
    unused = {"pyramid_scales", "ssim_weight"}
    assert LFAEObjectiveOptions(**{k: v for k, v in lfae["objective"].items() if k not in unused}) == (
        LFAEObjectiveOptions()
    )
    assert FramePairsOptions(**lfae["data"]) == FramePairsOptions()
    assert lfae["region_training"] is None


@pytest.mark.parametrize("corpus", TRAINED)
def test_colours_are_jittered_as_specified_for_each_stage(corpus: str) -> None:
    parameters = configured("parameters", corpus)
    assert FramePairsOptions(**parameters["lfae"]["data"]).color_jitter == ColorJitterOptions(
        brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1
    )
    assert FlowClipsOptions(**parameters["dm"]["data"]).color_jitter == ColorJitterOptions(
        brightness=64 / 255, contrast=0.25, saturation=0.25, hue=0.04
    )


@pytest.mark.parametrize(
    ("corpus", "clips", "repeats", "sampling", "batch", "epochs", "drops"),
    [
        ("mug", 465, 100, "very_random", 5, 1200, (800, 1000)),
        ("mhad", 431, 100, "random", 6, 1200, (800, 1000)),
        ("natops", 4800, 5, "uniform", 20, 140, (80, 100)),
    ],
)
def test_epochs_become_steps(
    corpus: str, clips: int, repeats: int, sampling: str, batch: int, epochs: int, drops: tuple[int, int]
) -> None:
    parameters = configured("parameters", corpus)
    # Whatever is not named is off by default: warm-up, averaging, clipping.
    assert TrainingOptions(**parameters["lfae"]["training"]) == TrainingOptions(
        steps=clips * repeats,
        batch_size=100,
        learning_rate=2e-4,
        betas=(0.5, 0.999),
        decay="steps",
        milestones=(clips * repeats * 60 // 100, clips * repeats * 90 // 100),
    )
    assert TrainingOptions(**parameters["dm"]["training"]) == TrainingOptions(
        steps=round(epochs * clips / batch),
        batch_size=batch,
        learning_rate=2e-4,
        betas=(0.9, 0.99),
        decay="steps",
        milestones=tuple(round(drop * clips / batch) for drop in drops),
    )
    assert FlowClipsOptions(**parameters["dm"]["data"]) == FlowClipsOptions(sampling=sampling)
    assert DiffusionObjectiveOptions(**parameters["dm"]["objective"]) == DiffusionObjectiveOptions()
    assert ConditioningOptions(**parameters["conditioning"]).encoder == "bert"


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_corpus_has_a_name_and_a_root_of_its_own(corpus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LFDM_RAW", raising=False)
    assert configured("globals", corpus)["corpus"] == corpus
    assert configured("catalog", corpus)["raw_corpus"]["filepath"] == f"data/01_raw/{corpus}"
    monkeypatch.setenv("LFDM_RAW", "/corpora")
    assert configured("catalog", corpus)["raw_corpus"]["filepath"] == f"/corpora/{corpus}"
    assert configured("catalog", corpus, raw_root="/here")["raw_corpus"]["filepath"] == "/here"


def test_the_root_is_no_unknown_parameter() -> None:
    declared = declared_parameters(register_pipelines())
    assert check_parameters(configured("parameters", "mug", raw_root="/here"), declared)["raw_root"] == "/here"


def test_the_rendered_corpus_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LFDM_RAW", "/corpora")
    assert configured("catalog", "local")["raw_corpus"]["filepath"] == "data/01_raw/synthetic"


def test_labels_that_tell_left_from_right_are_not_mirrored() -> None:
    for corpus in PUBLISHED:
        parameters = configured("parameters", corpus)
        source = parameters["source"][corpus]
        labels = source.get("labels") or parameters["ingestion"]["labels"]
        handed = any(word in label.lower() for label in labels for word in ("left", "right"))
        assert parameters["probe"]["data"]["flip_horizontal"] is not handed
