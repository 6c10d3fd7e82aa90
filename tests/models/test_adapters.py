import pytest
import torch

from lfdm_pipeline.models.adapters import (
    DECODER,
    PREDICTORS,
    AdapterOptions,
    DomainAdapter,
    named_layers,
    named_parameters,
)
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

PARTS = ("generator", *PREDICTORS)


def network(width, blocks, **sizes):
    widths = dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), width)
    halvings = dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), blocks)
    return LFAE(LFAEOptions(**widths, **halvings, **sizes)).eval()


@pytest.fixture
def lfae():
    torch.manual_seed(0)
    return network(4, 2, num_regions=3, num_res_blocks=1)


def shaken(adapter):
    for parameter in adapter.parameters():
        torch.nn.init.normal_(parameter)
    return adapter


def all_weights(adapter, lfae):
    """Changed weights by the names they have in the LFAE."""
    return {f"{part}.{name}": value for part in PARTS for name, value in adapter.weights(lfae, part).items()}


def test_decoder_is_all_that_comes_after_the_feature_map(lfae):
    named = set(named_parameters(lfae, DECODER))
    assert {".".join(name.split(".")[:2]) for name in named} == {f"generator.{layer}" for layer in DECODER}
    rest = {name for name, _ in lfae.generator.named_parameters(prefix="generator")} - named
    assert {name.split(".")[1] for name in rest} == {"first", "down_blocks"}


def test_decoder_and_predictors_are_all_but_the_encoder(lfae):
    rest = {name for name, _ in lfae.named_parameters()} - set(named_parameters(lfae, (*DECODER, *PREDICTORS)))
    assert {".".join(name.split(".")[:2]) for name in rest} == {"generator.first", "generator.down_blocks"}


def test_layers_are_the_networks_own(lfae):
    layers = named_layers(lfae, ("up_blocks", "flow_predictor"))
    assert layers["up_blocks"] is lfae.generator.up_blocks
    assert layers["flow_predictor"] is lfae.flow_predictor
    assert len(layers) == 2


@pytest.mark.parametrize("layers", [("up_blocks", "final"), ("region_predictor",), (*PREDICTORS, *DECODER)])
def test_changes_nothing_at_first_and_only_what_it_is_for_later(lfae, layers):
    adapter = DomainAdapter(lfae, AdapterOptions(layers=layers, rank=2))
    before = dict(lfae.named_parameters())
    weights = all_weights(adapter, lfae)
    assert set(weights) == set(named_parameters(lfae, layers))
    assert all(torch.equal(weight, before[name]) for name, weight in weights.items())
    changed = all_weights(shaken(adapter), lfae)
    assert not any(torch.equal(weight, before[name]) for name, weight in changed.items())


def test_kernels_change_by_no_more_than_the_rank(lfae):
    adapter = shaken(DomainAdapter(lfae, AdapterOptions(layers=(*PREDICTORS, *DECODER), rank=2)))
    for name, weight in all_weights(adapter, lfae).items():
        change = (weight - lfae.get_parameter(name)).detach()
        if change.ndim > 1:
            assert torch.linalg.matrix_rank(change.flatten(1), atol=1e-4) == min(2, *change.flatten(1).shape)


@pytest.mark.parametrize("layers", [DECODER, PREDICTORS])
def test_is_smaller_than_what_it_changes(layers):
    lfae = network(64, 3)
    adapter = DomainAdapter(lfae, AdapterOptions(layers=layers, rank=4))
    adapted = sum(p.numel() for p in named_parameters(lfae, layers).values())
    assert sum(p.numel() for p in adapter.parameters()) < 0.05 * adapted
