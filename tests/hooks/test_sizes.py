from pathlib import Path
from typing import Any

import pytest
import torch
from kedro.framework.startup import bootstrap_project
from tests.test_configurations import configured

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.experiments.definition import read_experiments
from lfdm_pipeline.experiments.variants import variants
from lfdm_pipeline.hooks.project import lineage_of
from lfdm_pipeline.hooks.sizes import check_sizes
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

PROJECT = Path(__file__).parents[2]
TRAINED = ("local", "mug", "mhad", "natops", "own")
"""Environments that train a model; `local` adds nothing to base."""
NEW_DOMAINS = ("faceforensics", "synthetic_newdomain")


def refusal(corpus: str, **changes: Any) -> str:
    with pytest.raises(InputError) as error:
        check_sizes(configured("parameters", corpus, **changes))
    return str(error.value)


@pytest.fixture
def _project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    bootstrap_project(PROJECT)


@pytest.mark.parametrize("corpus", TRAINED)
def test_every_corpus_fits_and_so_does_every_experiment(corpus: str) -> None:
    check_sizes(configured("parameters", corpus))
    for name, experiment in read_experiments(configured("experiments", corpus)).items():
        for variant in variants(name, experiment):
            check_sizes(configured("parameters", corpus, **variant.parameters))


@pytest.mark.usefixtures("_project")
@pytest.mark.parametrize("corpus", [*TRAINED, *NEW_DOMAINS])
def test_every_environment_is_accepted(corpus: str) -> None:
    lineage_of(PROJECT, corpus, {})


@pytest.mark.usefixtures("_project")
def test_sizes_are_checked_with_the_parameters_where_a_model_is_trained() -> None:
    wider = {"lfae": {"model": {"generator_width": 16}}}
    with pytest.raises(InputError, match="feature_channels"):
        lineage_of(PROJECT, "local", wider)
    # There they are those of the model that another corpus has trained.
    lineage_of(PROJECT, "synthetic_newdomain", wider)


def test_the_feature_map_has_as_many_channels_as_the_denoiser_reads() -> None:
    assert refusal("local", lfae={"model": {"generator_width": 16}}) == (
        "parameter dm.model.denoiser.feature_channels is 32, but the LFAE's feature map has 64 channels (lfae.model: "
        "generator_width=16, num_down=2, generator_max_width=512): set it to 64"
    )
    assert refusal("mug", lfae={"model": {"generator_max_width": 128}}).endswith("set it to 128")


def test_flows_are_as_large_as_the_feature_map() -> None:
    message = refusal("local", lfae={"model": {"estimate_scale": 0.5}})
    assert message == (
        "parameter lfae.model.estimate_scale is 0.5, but flows must be as large as the feature map, 1/4 of a frame "
        "(lfae.model.num_down=2): set it to 0.25"
    )


def test_frames_can_be_halved_as_often_as_the_networks_ask() -> None:
    assert refusal("mug", ingestion={"size": 144}) == (
        "parameter ingestion.size is 144, which cannot be halved often enough for lfae.model.region_blocks=5, "
        "lfae.model.flow_blocks=5, lfae.model.background_blocks=5, dm.model.denoiser.multipliers=[1, 2, 4, 8]: "
        "set it to 128 or 256"
    )
    deep = {"model": {"denoiser": {"multipliers": [1, 1, 1, 1, 1, 1]}}}
    assert refusal("local", dm=deep).endswith("dm.model.denoiser.multipliers=[1, 1, 1, 1, 1, 1]: set it to 128")


def test_all_that_does_not_fit_is_said_at_once() -> None:
    message = refusal("local", lfae={"model": {"num_down": 3}}, ingestion={"size": 60})
    assert all(
        said in message
        for said in ("feature_channels is 32", "set it to 64", "set it to 0.125", "ingestion.size is 60")
    )


def test_what_the_options_say_is_what_the_network_makes() -> None:
    blocks = dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 1)
    widths = dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4)
    options = LFAEOptions(num_regions=2, num_res_blocks=0, num_down=3, generator_max_width=12, **blocks, **widths)
    z0 = LFAE(options).eval().encode(torch.rand(1, 3, 32, 32))
    assert z0.shape == (1, options.feature_channels, 4, 4)
