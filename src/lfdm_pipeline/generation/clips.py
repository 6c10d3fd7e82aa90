"""A trained LFAE and DM, a reference frame and a label to a clip."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline import __version__
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.diffusion.guidance import guided
from lfdm_pipeline.diffusion.samplers import SamplerOptions, sample
from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options


class GenerationOptions(Options):
    """What to generate, and how."""

    image: Path | None = None
    """A picture to start from; null takes first frames of the test subjects' clips."""
    labels: tuple[str, ...] | None = None
    """What shall happen; null takes every label."""
    subjects: int | None = Field(default=None, ge=1)
    """So many test subjects, in alphabetical order; null takes all."""
    per_condition: int = Field(default=1, ge=1)
    """Clips of each label and subject (or image)."""
    per_reference: int = Field(default=1, ge=1)
    """Clips of a label that share a reference frame and differ in their noise alone, before the next one is taken."""
    num_frames: int = Field(default=40, ge=2)
    """Frames K of a clip."""
    fps: float = Field(default=10.0, gt=0)
    """Frames a second of the videos."""
    batch_size: int = Field(default=10, ge=1)
    """Clips that are sampled together."""
    sampler: SamplerOptions = SamplerOptions()
    """How flows are drawn."""


@dataclass(frozen=True)
class Generator:
    """The models that generate, and the device that they are on.

    Attributes:
        lfae: encodes the reference frame and decodes every frame.
        dm: draws flow and occlusion.
        conditions: a vector a label.
        device: where they are.
    """

    lfae: LFAE
    dm: DM
    conditions: ConditionVectors
    device: torch.device

    @torch.inference_mode()
    def __call__(
        self,
        requests: Sequence[Request],
        options: GenerationOptions,
        seed: int,
        on_step: Callable[[], object],
    ) -> list["GeneratedClip"]:
        """Generate one clip a request, in one batch."""
        references = torch.stack([image_tensor(request.reference) for request in requests]).to(self.device)
        condition = torch.stack([self.conditions[request.label] for request in requests]).to(self.device)
        feature = self.lfae.encode(references)
        x0 = sample(
            guided(self.dm.denoiser, feature, condition, options.sampler.guidance_scale),
            (3, options.num_frames, *feature.shape[2:]),
            [torch.Generator().manual_seed(request.seed(seed)) for request in requests],
            cosine_schedule(self.dm.options.timesteps, self.dm.options.noise_shift),
            self.dm.options.prediction,
            options.sampler,
            bound=self.dm.target.sampling_bound,
            device=self.device,
            on_step=on_step,
        )
        displacement, occlusion = (channels.transpose(1, 2) for channels in self.dm.target.decode(x0))
        identity = identity_grid(*feature.shape[2:], device=self.device)
        # Nothing is known of what lies outside the picture: its edge is taken instead.
        flow = (displacement.movedim(2, -1) + identity).clamp(-1, 1)
        displacement = (flow - identity).movedim(-1, 2)
        frames = _to_uint8(self.lfae.decode_clip(references, flow, occlusion).prediction)
        return [
            GeneratedClip(clip, moved.cpu().numpy(), kept.cpu().numpy())
            for clip, moved, kept in zip(frames, displacement, occlusion, strict=True)
        ]


@dataclass(frozen=True)
class GeneratedClip:
    """Frames uint8 (K, H, W, 3), and the displacement (K, 2, h, w) and occlusion (K, 1, h, w) that made them."""

    frames: npt.NDArray[np.uint8]
    displacement: npt.NDArray[np.float32]
    occlusion: npt.NDArray[np.float32]


def generate_clips(
    generator: Generator,
    requests: Sequence[Request],
    store: GeneratedStore,
    options: GenerationOptions,
    *,
    seed: int,
    identity: str,
    device: str,
) -> None:
    """Generate every requested clip that the store does not hold yet, writing each batch as it comes.

    Args:
        generator: the models.
        requests: what to generate; a clip's noise depends on (seed, its name) alone.
        store: where clips are kept.
        options: sampler and batch size.
        seed: of all noise.
        identity: fingerprint of models and options, kept in each clip's provenance.
        device: name of what the models are on, kept with the time that each clip took.
    """
    pending = [request for request in requests if request.name not in store]
    batches = [pending[i : i + options.batch_size] for i in range(0, len(pending), options.batch_size)]
    with tqdm(total=len(batches) * options.sampler.steps, desc="generation", unit="step", disable=not batches) as bar:
        for batch in batches:
            start = time.perf_counter()
            clips = generator(batch, options, seed, bar.update)
            seconds = (time.perf_counter() - start) / len(batch)
            for request, clip in zip(batch, clips, strict=True):
                store.write(
                    request.name,
                    request.reference,
                    clip.frames,
                    clip.displacement,
                    clip.occlusion,
                    fps=options.fps,
                    provenance=_provenance(request, options, seed, identity),
                    seconds=seconds,
                    device=device,
                )


def _provenance(request: Request, options: GenerationOptions, seed: int, identity: str) -> Mapping[str, str]:
    sampler = options.sampler
    return {
        "title": f"{request.label} ({request.subject})",
        "comment": "Synthetic video: generated by a latent flow diffusion model from one image; not a recording.",
        "encoder_software": f"lfdm_pipeline {__version__}",
        "lfdm_label": request.label,
        "lfdm_reference": request.origin,
        "lfdm_sampler": f"{sampler.name}, {sampler.steps} steps, guidance {sampler.guidance_scale:g}",
        "lfdm_seed": str(seed),
        "lfdm_fingerprint": identity,
    }


def _to_uint8(images: Tensor) -> npt.NDArray[np.uint8]:
    """(B, K, 3, H, W) in [0, 1] to uint8 (B, K, H, W, 3)."""
    return images.clamp(0, 1).mul(255).round().byte().permute(0, 1, 3, 4, 2).cpu().numpy()
