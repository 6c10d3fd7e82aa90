import pytest
import torch

from lfdm_pipeline.models.adapters import DECODER, AdapterOptions, DecoderAdapter, decoder_layers, decoder_parameters
from lfdm_pipeline.models.generator import Generator


@pytest.fixture
def generator():
    torch.manual_seed(0)
    return Generator(4, 16, num_down=2, num_res_blocks=1, use_skips=True, aligned=True).eval()


def test_decoder_is_all_that_comes_after_the_feature_map(generator):
    named = set(decoder_parameters(generator, DECODER))
    assert {name.split(".")[0] for name in named} == {"bottleneck", "up_blocks", "final"}
    rest = {name for name, _ in generator.named_parameters()} - named
    assert {name.split(".")[0] for name in rest} == {"first", "down_blocks"}


def test_layers_are_the_generators_own(generator):
    layers = decoder_layers(generator, ("up_blocks",))
    assert list(layers) == ["up_blocks"]
    assert layers["up_blocks"] is generator.up_blocks


def test_changes_nothing_at_first_and_only_what_it_is_for_later(generator):
    adapter = DecoderAdapter(generator, AdapterOptions(layers=("up_blocks", "final"), rank=2))
    before = dict(generator.named_parameters())
    weights = adapter.weights(generator)
    assert set(weights) == set(decoder_parameters(generator, ("up_blocks", "final")))
    assert all(torch.equal(weight, before[name]) for name, weight in weights.items())
    for parameter in adapter.parameters():
        torch.nn.init.normal_(parameter)
    assert not any(torch.equal(weight, before[name]) for name, weight in adapter.weights(generator).items())


def test_kernels_change_by_no_more_than_the_rank(generator):
    adapter = DecoderAdapter(generator, AdapterOptions(rank=2))
    for parameter in adapter.parameters():
        torch.nn.init.normal_(parameter)
    for name, weight in adapter.weights(generator).items():
        change = (weight - generator.get_parameter(name)).detach()
        if change.ndim == 4:
            assert torch.linalg.matrix_rank(change.flatten(1), atol=1e-4) == min(2, *change.flatten(1).shape)


def test_is_smaller_than_what_it_changes():
    generator = Generator(64, 512, num_down=2, num_res_blocks=6, use_skips=True, aligned=False)
    adapter = DecoderAdapter(generator, AdapterOptions(rank=4))
    decoder = sum(p.numel() for p in decoder_parameters(generator, DECODER).values())
    assert sum(p.numel() for p in adapter.parameters()) < 0.05 * decoder
