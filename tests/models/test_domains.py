import pytest
import torch
from pydantic import ValidationError

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.adapters import DECODER, PREDICTORS, AdapterOptions
from lfdm_pipeline.models.domains import DomainLFAE, DomainLFAEOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

SIZES = {
    "num_regions": 3,
    "num_res_blocks": 1,
    **dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2),
    **dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4),
}


@pytest.fixture
def lfae():
    torch.manual_seed(0)
    return DomainLFAE(DomainLFAEOptions(**SIZES)).eval()


def images(seed):
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


def moved(lfae):
    with torch.no_grad():
        return lfae(images(0), images(1))


def shaken(lfae, domain):
    for parameter in lfae.adapter(domain).parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return lfae


def test_without_adapters_it_is_a_plain_lfae(lfae):
    plain = LFAE(LFAEOptions(**SIZES)).eval()
    plain.load_state_dict(lfae.state_dict())
    assert torch.equal(moved(plain).prediction, moved(lfae).prediction)


def test_a_fresh_adapter_changes_nothing(lfae):
    assert torch.equal(moved(lfae.with_adapter("new", AdapterOptions())).prediction, moved(lfae).prediction)


def test_a_domain_changes_the_decoder_alone_and_leaves_the_old_one_as_it_was(lfae):
    adapted = shaken(lfae.with_adapter("new", AdapterOptions(rank=2)), "new")
    before, after = moved(lfae), moved(adapted)
    assert not torch.equal(after.prediction, before.prediction)
    for name in ("flow", "occlusion", "background", "deformed"):
        assert torch.equal(getattr(after, name), getattr(before, name)), name
    assert torch.equal(adapted.encode(images(0)), lfae.encode(images(0)))
    assert torch.equal(moved(adapted.use_domain("old")).prediction, before.prediction)
    assert torch.equal(moved(adapted.use_domain("new")).prediction, after.prediction)
    old = {name: value for name, value in adapted.state_dict().items() if not name.startswith("adapters.")}
    assert old.keys() == lfae.state_dict().keys()
    assert all(torch.equal(value, old[name]) for name, value in lfae.state_dict().items())


def test_a_domain_may_find_flows_in_its_own_way_and_leaves_the_old_one_as_it_was(lfae):
    adapted = shaken(lfae.with_adapter("new", AdapterOptions(layers=PREDICTORS, rank=2)), "new")
    before, after = moved(lfae), moved(adapted)
    for name in ("flow", "occlusion", "background"):
        assert not torch.equal(getattr(after, name), getattr(before, name)), name
    assert not torch.equal(after.driving_regions.shift, before.driving_regions.shift)
    assert torch.equal(adapted.encode(images(0)), lfae.encode(images(0))), "the DM reads these"
    flow, occlusion = (part[:, None] for part in (before.flow, before.occlusion))
    decoded = [each.decode_clip(images(0), flow, occlusion).prediction for each in (lfae, adapted)]
    assert torch.equal(*decoded), "a DM's flows are decoded as they were"
    assert torch.equal(moved(adapted.use_domain("old")).prediction, before.prediction)


def test_pairs_and_clips_find_the_same_flows(lfae):
    adapted = shaken(lfae.with_adapter("new", AdapterOptions(layers=PREDICTORS, rank=2)), "new")
    with torch.no_grad():
        flow, occlusion = adapted.extract(images(0), images(1)[:, None])
    torch.testing.assert_close(flow[:, 0], moved(adapted).flow)
    torch.testing.assert_close(occlusion[:, 0], moved(adapted).occlusion)


@pytest.mark.parametrize("domain", ["new", "old"])
def test_merged_it_is_a_plain_network_that_does_the_same(lfae, domain):
    adapted = shaken(lfae.with_adapter("new", AdapterOptions(layers=(*PREDICTORS, *DECODER), rank=2)), "new")
    merged = adapted.use_domain(domain).merged()
    assert torch.equal(moved(merged).prediction, moved(adapted).prediction)
    own = {name: value for name, value in merged.state_dict().items() if not name.startswith("adapters.")}
    assert own.keys() == lfae.state_dict().keys()
    assert all(torch.equal(own[name], value) for name, value in lfae.state_dict().items()) == (domain == "old")


def test_domains_are_added_one_after_another(lfae):
    second = shaken(lfae.with_adapter("second", AdapterOptions(rank=2)), "second")
    third = shaken(second.with_adapter("third", AdapterOptions(rank=1, layers=("final",))), "third")
    assert third.domain == "third"
    for domain, known in (("first", lfae), ("second", second)):
        assert torch.equal(moved(third.use_domain(domain)).prediction, moved(known).prediction)
    assert not torch.equal(moved(third.use_domain("third")).prediction, moved(lfae).prediction)


def test_read_again_from_options_and_weights_it_is_the_same(lfae):
    adapted = shaken(lfae.with_adapter("new", AdapterOptions(rank=2)), "new")
    again = DomainLFAE(DomainLFAEOptions.model_validate_json(adapted.options.model_dump_json())).eval()
    again.load_state_dict(adapted.state_dict())
    assert torch.equal(moved(again).prediction, moved(adapted).prediction)


def test_a_decoder_that_adapters_rely_on_is_not_changed(lfae):
    assert moved(lfae.without_adapters()).prediction.equal(moved(lfae).prediction)
    with pytest.raises(InputError, match="adapters for new"):
        lfae.with_adapter("new", AdapterOptions()).without_adapters()


def test_an_unknown_domain_is_refused():
    with pytest.raises(ValidationError, match="no adapter for domain 'new'"):
        DomainLFAEOptions(**SIZES, domain="new")
