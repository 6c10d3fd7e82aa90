import numpy as np
import pytest
import torch
from pydantic import ValidationError

from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.adapters import DECODER as DECODER_LAYERS
from lfdm_pipeline.models.adapters import PREDICTORS
from lfdm_pipeline.models.domains import DomainLFAE, DomainLFAEOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.decoder_step import DecoderStep
from lfdm_pipeline.training.finetuning import FinetuningMethod, FinetuningMethods, changed_values, prepare
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train
from lfdm_pipeline.workspace import Workspace

SIZES = {
    "num_regions": 3,
    "num_res_blocks": 1,
    **dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2),
    **dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 8),
}
DECODER = ("generator.bottleneck.", "generator.up_blocks.", "generator.final.")


@pytest.fixture
def pretrained():
    torch.manual_seed(0)
    lfae = DomainLFAE(DomainLFAEOptions(**SIZES)).eval()
    # As after a training: statistics that no fresh network has.
    for name, buffer in lfae.named_buffers():
        if "running" in name:
            buffer.add_(0.1 * torch.rand(buffer.shape))
    return lfae


def trained(pretrained, method, tmp_path, steps=3):
    clips = {"clip": np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)}
    lfae, moving = prepare(pretrained, method, "new", seed=0)
    objective = LFAEObjective(LFAEObjectiveOptions(perceptual="none"))
    task = TrainingTask(
        "finetuning",
        DecoderStep(lfae, moving, objective, method.changes_flow),
        FramePairs(clips, ["clip"], seed=0, options=FramePairsOptions()),
        TrainingOptions(steps=steps, batch_size=2, learning_rate=1e-3, ema_decay=0.9),
        "decoder_finetuning.training",
        seed=0,
    )
    train(task, execution=ExecutionOptions(), device="cpu", workspace=Workspace(tmp_path, "x"), log=lambda *_: None)
    return lfae


def changed(before, after):
    old = before.state_dict()
    return {name for name, value in after.state_dict().items() if name not in old or not torch.equal(value, old[name])}


@pytest.mark.parametrize("layers", [("bottleneck", "up_blocks", "final"), ("final",), ("up_blocks",)])
def test_every_weight_and_statistic_outside_the_layers_stays_bit_for_bit(pretrained, tmp_path, layers):
    before = {name: value.clone() for name, value in pretrained.state_dict().items()}
    lfae = trained(pretrained, FinetuningMethod(layers=layers), tmp_path)
    moved = changed(pretrained, lfae)
    ours = {name for name in lfae.state_dict() if name.startswith(tuple(f"generator.{layer}." for layer in layers))}
    assert moved == ours
    assert all(torch.equal(value, before[name]) for name, value in pretrained.state_dict().items())


def test_the_papers_choice_is_all_of_the_decoder_and_no_more(pretrained, tmp_path):
    lfae = trained(pretrained, FinetuningMethod(), tmp_path)
    moved = changed(pretrained, lfae)
    assert moved == {name for name in lfae.state_dict() if name.startswith(DECODER)}
    assert any("running_mean" in name for name in moved), "the decoder's own statistics follow the new domain"


def test_adapters_leave_every_old_weight_bit_for_bit(pretrained, tmp_path):
    lfae = trained(pretrained, FinetuningMethod(adapter_rank=2), tmp_path)
    assert changed(pretrained, lfae) == {name for name in lfae.state_dict() if name.startswith("adapters.")}
    source, driving = torch.rand(2, 1, 3, 32, 32).unbind()
    with torch.no_grad():
        before, after = pretrained(source, driving), lfae(source, driving)
        assert not torch.equal(after.prediction, before.prediction)
        assert torch.equal(lfae.use_domain("old")(source, driving).prediction, before.prediction)


def test_adapters_of_predictors_find_other_flows_and_leave_every_old_weight_bit_for_bit(pretrained, tmp_path):
    lfae = trained(pretrained, FinetuningMethod(layers=(*PREDICTORS, *DECODER_LAYERS), adapter_rank=2), tmp_path)
    assert changed(pretrained, lfae) == {name for name in lfae.state_dict() if name.startswith("adapters.")}
    source, driving = torch.rand(2, 1, 3, 32, 32).unbind()
    with torch.no_grad():
        before, after = pretrained(source, driving), lfae(source, driving)
        assert not torch.equal(after.flow, before.flow)
        assert torch.equal(lfae.encode(source), pretrained.encode(source))
        assert torch.equal(lfae.use_domain("old")(source, driving).prediction, before.prediction)


def test_adapters_of_predictors_are_trained_by_all_of_stage_ones_objective(pretrained):
    method = FinetuningMethod(layers=PREDICTORS, adapter_rank=2)
    lfae, moving = prepare(pretrained, method, "new", seed=0)
    objective = LFAEObjective(LFAEObjectiveOptions(perceptual="none", occlusion_weight=0.1))
    step = DecoderStep(lfae, moving, objective, method.changes_flow).train()
    source, driving = torch.rand(2, 2, 3, 32, 32).unbind()
    loss = step({"source": source, "driving": driving}, Randomness(torch.Generator()))
    assert set(loss.parts) == {"l1", "ssim", "equivariance_shift", "equivariance_affine", "occlusion"}
    loss.total.backward()
    assert all(parameter.grad is not None for parameter in moving.parameters())
    assert all(p.grad is None for name, p in lfae.named_parameters() if not name.startswith("adapters."))


@pytest.mark.parametrize("method", [FinetuningMethod(), FinetuningMethod(adapter_rank=2)])
def test_flows_and_features_are_the_same_bit_for_bit(pretrained, tmp_path, method):
    lfae = trained(pretrained, method, tmp_path)
    source, driving = torch.rand(2, 2, 3, 32, 32).unbind()
    with torch.no_grad():
        assert torch.equal(lfae.encode(source), pretrained.encode(source))
        for after, before in zip(
            lfae.extract(source, driving[:, None]), pretrained.extract(source, driving[:, None]), strict=True
        ):
            assert torch.equal(after, before)


def test_it_learns(pretrained, tmp_path):
    objective = LFAEObjective(LFAEObjectiveOptions(perceptual="none"))
    lfae, moving = prepare(pretrained, FinetuningMethod(), "new", seed=0)
    step = DecoderStep(lfae, moving, objective, changes_flow=False)
    batch = {"source": torch.rand(2, 3, 32, 32), "driving": torch.full((2, 3, 32, 32), 0.2)}
    optimiser = torch.optim.Adam(step.trained.parameters(), lr=1e-2)
    losses = []
    for _ in range(12):
        loss = step.train()(batch, Randomness(torch.Generator()))
        assert set(loss.parts) == {"l1", "ssim"}
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
        losses.append(loss.total.item())
    assert losses[-1] < losses[0]


def test_frozen_parts_stay_in_eval_mode(pretrained):
    lfae, moving = prepare(pretrained, FinetuningMethod(layers=("up_blocks",)), "new", seed=0)
    step = DecoderStep(lfae, moving, LFAEObjective(LFAEObjectiveOptions(perceptual="none")), False).train()
    training = {name for name, module in step.lfae.named_modules() if module.training}
    assert training == {name for name, _ in step.lfae.named_modules() if name.startswith("generator.up_blocks")}
    step.eval()
    assert not any(module.training for module in step.lfae.modules())


def test_changed_values_are_counted(pretrained):
    lfae, _ = prepare(pretrained, FinetuningMethod(), "new", seed=0)
    assert changed_values(pretrained, lfae) == 0
    with torch.no_grad():
        lfae.generator.final.bias += 1
    assert changed_values(pretrained, lfae) == 3
    adapted, adapter = prepare(pretrained, FinetuningMethod(adapter_rank=1), "new", seed=0)
    assert changed_values(pretrained, adapted) == sum(p.numel() for p in adapter.parameters())


def test_a_decoder_with_adapters_takes_only_further_ones(pretrained):
    adapted, _ = prepare(pretrained, FinetuningMethod(adapter_rank=1), "new", seed=0)
    with pytest.raises(InputError, match="adapter_rank"):
        prepare(adapted, FinetuningMethod(), "newer", seed=0)
    both, _ = prepare(adapted, FinetuningMethod(adapter_rank=1), "newer", seed=0)
    assert list(both.options.adapters) == ["new", "newer"]


def test_methods_are_checked_and_say_what_they_do():
    methods = FinetuningMethods.model_validate(
        {
            "plain": {},
            "some": {"layers": ["final"]},
            "both": {"adapter_rank": 4, "rehearsal": 0.5},
            "motion": {"layers": ["flow_predictor", *DECODER_LAYERS], "adapter_rank": 4},
        }
    )
    assert [method.described() for method in methods.root.values()] == [
        "trains the decoder",
        "trains final of the decoder",
        "trains an adapter of rank 4 to the decoder, used on the new domain alone; 50% of the clips are old ones",
        "trains an adapter of rank 4 to the flow predictor, the decoder, used on the new domain alone",
    ]
    for wrong in ({"layers": ["first"]}, {"layers": []}, {"rehearsal": 1.0}, {"adapter_rank": 0}, {"lr": 1}):
        with pytest.raises(ValidationError):
            FinetuningMethod.model_validate(wrong)
    with pytest.raises(ValidationError, match=r"'final', 'region_predictor', .* or 'flow_predictor'"):
        FinetuningMethod.model_validate({"layers": ["generator"]})


def test_predictors_are_never_trained_themselves():
    with pytest.raises(ValidationError, match=r"flow_predictor cannot be trained .* set adapter_rank"):
        FinetuningMethod(layers=("flow_predictor", "final"))


def test_a_method_that_is_null_is_left_out():
    methods = FinetuningMethods.model_validate({"decoder": None, "adapters": {"adapter_rank": 2}})
    assert list(methods.root) == ["adapters"]
    for nothing in ({}, {"decoder": None}):
        with pytest.raises(ValidationError):
            FinetuningMethods.model_validate(nothing)
