"""Every hot path of the networks: as the pipeline computes it, and in the obvious way.

Both give what has to agree. Weights are random, VGG-19's too: they change neither time nor memory.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tests.benchmarks.plain import lfae as plain_lfae
from tests.benchmarks.plain import objective as plain_objective
from tests.benchmarks.plain import sampling as plain_sampling
from tests.benchmarks.plain.denoiser import plain_copy
from tests.benchmarks.sizes import Sizes
from torch import Tensor, nn

from lfdm_pipeline.diffusion.guidance import guided
from lfdm_pipeline.diffusion.samplers import SamplerOptions
from lfdm_pipeline.diffusion.samplers import sample as draw
from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.extraction.folding import folded
from lfdm_pipeline.generation.clips import GenerationOptions, Generator
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import label_vectors
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.models.vgg import VGG19
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjective, DiffusionObjectiveOptions
from lfdm_pipeline.objectives.perceptual import PerceptualLoss
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.dm_step import DMStep
from lfdm_pipeline.training.lfae_step import LFAEStep

Result = dict[str, Tensor | list[Tensor]]
Compute = Callable[[], Result]

REQUEST = Request("clip", np.random.default_rng(0).integers(0, 256, (1, 1, 3), np.uint8), "a label", "nobody", "random")


@dataclass(frozen=True)
class Published:
    """What the published code needs on two cores whose fp32 matrix products run at 150 to 185 GFLOP/s."""

    seconds: float
    gigabytes: float | None = None


@dataclass(frozen=True)
class Case:
    """One hot path.

    Attributes:
        title: What is computed, as the page of results says it.
        make: From sizes and device to the pipeline's way and the obvious way.
        published: The published code's figure at its sizes.
    """

    title: str
    make: Callable[[Sizes, torch.device], tuple[Compute, Compute]]
    published: Published | None = None


class Inputs:
    """Networks with random weights and a batch, both a function of the sizes alone."""

    def __init__(self, sizes: Sizes, device: torch.device) -> None:
        torch.manual_seed(0)
        self.sizes, self.device = sizes, device
        self.lfae = _shaken(LFAE(sizes.lfae)).to(device)
        self.dm = _shaken(DM(sizes.dm)).to(device)
        latent, options = sizes.latent_size, sizes.dm.denoiser
        self.clip = self._pictures(1, sizes.frames)
        self.pairs = self._pictures(2, sizes.pairs)
        self.noise = self._normal(1, 3, sizes.frames, latent, latent)
        self.feature = self._normal(1, options.feature_channels, latent, latent)
        self.condition = self._normal(1, options.condition_dim)
        self.flow = 0.9 * self._normal(1, sizes.frames, latent, latent, 2).tanh()
        self.occlusion = self._normal(1, sizes.frames, 1, latent, latent).sigmoid()

    @property
    def source(self) -> Tensor:
        return self.clip[:, 0]

    def _pictures(self, *leading: int) -> Tensor:
        """Smooth, or rounding of a flow would show as much as motion."""
        coarse = self._normal(leading[0] * leading[1], 3, 8, 8)
        size = (self.sizes.image_size, self.sizes.image_size)
        return F.interpolate(coarse, size, mode="bicubic").sigmoid().unflatten(0, leading)

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(shape).to(self.device)


def denoiser_forward(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    given = Inputs(sizes, device)
    arguments = given.noise, torch.tensor([500], device=device), given.feature, given.condition
    return _inferred(given.dm.denoiser, *arguments), _inferred(plain_copy(given.dm.denoiser).to(device), *arguments)


def dm_step(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    given = Inputs(sizes, device)
    batch = {
        "displacement": 0.1 * given.noise[:, :2],
        "occlusion": given.occlusion.transpose(1, 2),
        "reference": given.source,
        "condition": given.condition,
    }
    lfae, plain = given.lfae.eval(), plain_copy(given.dm.denoiser).to(device)
    step = DMStep(given.dm, lfae, DiffusionObjective(DiffusionObjectiveOptions())).train()
    return (
        _trained(given.dm.denoiser, lambda randomness: step(batch, randomness).total),
        _trained(
            plain, lambda randomness: plain_objective.denoising_loss(plain, sizes.dm.timesteps, lfae, batch, randomness)
        ),
    )


def lfae_forward(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    given = Inputs(sizes, device)
    lfae, frames = given.lfae.eval(), (given.clip[:, 0], given.clip[:, 1])
    return (
        _inferred(lambda: _named(lfae(*frames))),
        _inferred(lambda: _named(plain_lfae.move(lfae, *frames))),
    )


def lfae_step(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    given, options = Inputs(sizes, device), LFAEObjectiveOptions(perceptual="none")
    lfae, plain, vgg = given.lfae, deepcopy(given.lfae).train(), VGG19().to(device)
    objective = LFAEObjective(options)
    objective.reconstruction = PerceptualLoss(vgg, options.perceptual_scales, options.perceptual_weights)
    step = LFAEStep(lfae, objective).to(device).train()
    batch = {"source": given.pairs[0], "driving": given.pairs[1]}
    plain_vgg = _rows_first(deepcopy(vgg))
    return (
        _trained(lfae, lambda randomness: step(batch, randomness).total),
        _trained(
            plain,
            lambda randomness: plain_objective.lfae_loss(
                plain, plain_vgg, options, *given.pairs, objective.draw(sizes.pairs, randomness, device)
            ),
        ),
    )


def extraction(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    """Plain: the whole auto-encoder for each frame, as the published training does."""
    given = Inputs(sizes, device)
    return _extraction(given), _frame_by_frame(given, lambda *frames: plain_lfae.move(given.lfae, *frames)[1:3])


def extraction_of_flows(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    """Plain: for each frame what its flow needs, and no decoding."""
    given = Inputs(sizes, device)
    return _extraction(given), _frame_by_frame(given, lambda *frames: plain_lfae.flow_between(given.lfae, *frames))


def _extraction(given: Inputs) -> Compute:
    lfae = folded(given.lfae)
    return _inferred(lambda: dict(zip(("flow", "occlusion"), lfae.extract(given.source, given.clip), strict=True)))


def _frame_by_frame(given: Inputs, flow_between: Callable[[Tensor, Tensor], Any]) -> Compute:
    given.lfae.eval()

    def compute() -> Result:
        flows, occlusions = zip(*(flow_between(given.source, frame) for frame in given.clip.unbind(1)), strict=True)
        return {"flow": torch.stack(flows, 1), "occlusion": torch.stack(occlusions, 1)}

    return _inferred(compute)


def sampling(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    given = Inputs(sizes, device)
    plain = plain_copy(given.dm.denoiser).to(device)
    timesteps, steps = sizes.dm.timesteps, sizes.sampling_steps
    predict = guided(given.dm.denoiser, given.feature, given.condition, 1.0)
    arguments = plain, _drawn(sizes, 0).to(device), given.feature, given.condition, timesteps, steps

    def ours() -> Tensor:
        return draw(
            predict,
            tuple(given.noise.shape[1:]),
            [torch.Generator().manual_seed(0)],
            cosine_schedule(timesteps),
            sizes.dm.prediction,
            SamplerOptions(name="ddim", steps=steps),
            device=device,
        )

    return _inferred(ours), _inferred(plain_sampling.ddim, *arguments)


def decoding(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    given = Inputs(sizes, device)
    lfae, arguments = given.lfae.eval(), (given.source, given.flow, given.occlusion)
    return (
        _inferred(lambda: lfae.decode_clip(*arguments).prediction),
        _inferred(plain_sampling.decode_clip, lfae, *arguments),
    )


def generation(sizes: Sizes, device: torch.device) -> tuple[Compute, Compute]:
    """From a reference frame to the frames of a clip."""
    given = Inputs(sizes, device)
    lfae, plain = given.lfae.eval(), plain_copy(given.dm.denoiser).to(device)
    conditions = label_vectors((REQUEST.label,), sizes.dm.denoiser.condition_dim, 0)
    frame = (255 * given.source[0]).byte()
    reference = frame.permute(1, 2, 0).cpu().numpy()
    request = Request(REQUEST.name, reference, REQUEST.label, REQUEST.subject, REQUEST.origin)
    sampler = SamplerOptions(name="ddim", steps=sizes.sampling_steps)
    options = GenerationOptions(num_frames=sizes.frames, batch_size=1, sampler=sampler)
    generator = Generator(lfae, given.dm.eval(), conditions, device)
    noise, condition = _drawn(sizes, request.seed(0)).to(device), conditions[request.label][None].to(device)
    arguments = plain, lfae, frame[None] / 255, noise, condition, sizes.dm.timesteps, sizes.sampling_steps
    return (
        _inferred(lambda: _frames(generator([request], options, 0, lambda: None)[0].frames)),
        _inferred(lambda: _frames((255 * plain_sampling.generate(*arguments)[0]).round().byte().permute(0, 2, 3, 1))),
    )


CASES = {
    "denoiser_forward": Case("denoiser forward, one clip", denoiser_forward, Published(3.2)),
    "dm_step": Case("DM training step from cached flows, one clip", dm_step, Published(29.0, 5.3)),
    "lfae_forward": Case("LFAE forward, one pair", lfae_forward, Published(0.24)),
    "lfae_step": Case("LFAE training step, batch 4, VGG-19 included", lfae_step, Published(4.3)),
    "extraction": Case("extraction of one clip; plain: the LFAE frame by frame", extraction),
    "extraction_of_flows": Case("the same; plain: frame by frame without decoding", extraction_of_flows),
    # Nothing but the denoiser is known of the published sampling: ten times its forward pass.
    "sampling": Case("DDIM 10, one clip", sampling, Published(32.0)),
    "decoding": Case("decoding of one clip", decoding),
    "generation": Case("generation of one clip, DDIM 10, end to end", generation, Published(32.0)),
}


def _drawn(sizes: Sizes, seed: int) -> Tensor:
    shape = 3, sizes.frames, sizes.latent_size, sizes.latent_size
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))[None]


def _shaken(network: nn.Module) -> Any:
    """Move what starts at zero or one: it would hide being misread."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim < 2 or not parameter.any():
                parameter.add_(0.02 * torch.randn_like(parameter))
    return network


def _rows_first(network: Any) -> Any:
    for parameter in network.parameters():
        parameter.data = parameter.data.contiguous()
    return network


def _inferred(compute: Callable[..., Any], *arguments: Any) -> Compute:
    @torch.inference_mode()
    def call() -> Result:
        result = compute(*arguments)
        return result if isinstance(result, dict) else {"result": result}

    return call


def _trained(network: nn.Module, loss: Callable[[Randomness], Tensor]) -> Compute:
    """One step of Adam; what agrees is the loss and its gradients, in the order of the parameters' names."""
    named = sorted(network.named_parameters())
    optimiser = torch.optim.Adam([p for _, p in named], lr=2e-4, fused=True)

    def call() -> Result:
        optimiser.zero_grad()
        value = loss(Randomness(torch.Generator().manual_seed(0)))
        value.backward()
        optimiser.step()
        return {"loss": value.detach(), "gradients": [p.grad for _, p in named if p.grad is not None]}

    return call


def _named(output: Any) -> Result:
    return {name: getattr(output, name) for name in ("prediction", "flow", "occlusion")}


def _frames(frames: Any) -> Tensor:
    return torch.as_tensor(frames).float() / 255
