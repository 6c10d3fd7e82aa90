"""The latent flow auto-encoder: moves one frame of a clip onto another through a backward flow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import Field, model_validator
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.background import BackgroundPredictor
from lfdm_pipeline.models.flow import FlowPredictor
from lfdm_pipeline.models.generator import Decoded, Generator, generator_widths
from lfdm_pipeline.models.regions import RegionPredictor, Regions
from lfdm_pipeline.options import Options


class LFAEOptions(Options):
    """Sizes of the latent flow auto-encoder; the defaults are the paper's for 128x128 (MUG)."""

    num_regions: int = Field(10, ge=1)
    """K, the number of moving regions beside the background."""
    region_pad: int = Field(3, ge=0, le=3)
    """Padding of the region predictor's head: 3 for MUG, 0 for MHAD and NATOPS."""
    temperature: float = Field(0.1, gt=0)
    """Divides the logits of the region maps."""
    estimate_scale: float = Field(0.25, gt=0, le=1)
    """Resolution of flow and occlusion relative to the image's: one over an integer."""
    region_scale: float = Field(0.25, gt=0, le=1)
    """Resolution at which regions are predicted relative to the image's: one over an integer."""
    region_width: int = Field(32, ge=1)
    """Base width of the region predictor's hourglass: block i has twice that, times 2^i, channels."""
    region_max_width: int = Field(1024, ge=1)
    """Upper bound of its widths."""
    region_blocks: int = Field(5, ge=1)
    """Its number of down blocks."""
    background_width: int = Field(32, ge=1)
    """Base width of the background predictor."""
    background_max_width: int = Field(1024, ge=1)
    """Upper bound of its widths."""
    background_blocks: int = Field(5, ge=1)
    """Its number of down blocks."""
    flow_width: int = Field(64, ge=1)
    """Base width of the flow predictor's hourglass."""
    flow_max_width: int = Field(1024, ge=1)
    """Upper bound of its widths."""
    flow_blocks: int = Field(5, ge=1)
    """Its number of down blocks."""
    generator_width: int = Field(64, ge=1)
    """Channels of the generator at full resolution, doubled by every down block."""
    generator_max_width: int = Field(512, ge=1)
    """Upper bound of its widths."""
    num_down: int = Field(2, ge=1)
    """The generator's down blocks before the latent feature map."""
    num_res_blocks: int = Field(6, ge=0)
    """Residual blocks on the warped feature map."""
    use_occlusion: bool = True
    """Predict occlusion maps; without them the decoder has no skips (the paper's ablation)."""

    aligned: bool = False
    """Sample grids as they are built, from corner centre to corner centre, so that no motion leaves a picture as
    it is; the published weights need false, under which the identity grid enlarges it."""

    @model_validator(mode="after")
    def _scales_are_one_over_an_integer(self) -> Self:
        for name in ("estimate_scale", "region_scale"):
            scale = getattr(self, name)
            if abs(1 / scale - round(1 / scale)) > 1e-6:
                raise ValueError(f"{name}={scale} is not one over an integer, such as 0.25")
        return self

    @property
    def feature_channels(self) -> int:
        """Channels of the latent feature map z0."""
        return generator_widths(self.generator_width, self.generator_max_width, self.num_down)[-1]

    @property
    def flow_shrinkage(self) -> int:
        """How many times the side of a flow goes into the image's."""
        return round(1 / self.estimate_scale)

    @property
    def size_multiples(self) -> dict[str, int]:
        """What the sides of an image, in pixels, must be multiples of, by the option that asks for it."""
        return {
            f"region_blocks={self.region_blocks}": round(1 / self.region_scale) * 2**self.region_blocks,
            f"flow_blocks={self.flow_blocks}": self.flow_shrinkage * 2**self.flow_blocks,
            f"background_blocks={self.background_blocks}": 2**self.background_blocks,
            f"num_down={self.num_down}": 2**self.num_down,
        }

    def check_size(self, height: int, width: int) -> None:
        """Raise an InputError where images of this size, in pixels, cannot go through the networks."""
        for blocks, multiple in self.size_multiples.items():
            if height % multiple or width % multiple:
                raise InputError(
                    f"images of {height}x{width} pixels cannot be halved as often as the LFAE's {blocks} "
                    f"asks: give fewer blocks, or images whose sides are multiples of {multiple} pixels"
                )


@dataclass(frozen=True)
class LFAEOutput(Decoded):
    """What one pass over B pairs of source and driving frames gives."""

    flow: Tensor
    """Backward flow (B, h, w, 2), an absolute sampling grid."""
    occlusion: Tensor
    """(B, 1, h, w) in [0, 1]: 1 keeps what was warped, 0 repaints."""
    background: Tensor
    """Motion of the background (B, 3, 3)."""
    source_regions: Regions
    driving_regions: Regions
    transformed_regions: Regions | None
    """Regions of the third image, where one was given."""


class LFAE(nn.Module):
    """Latent flow auto-encoder (arXiv 2303.13744, section 3.1).

    Activations are channels-last inside, whatever the input's layout. Weights are not: on a CPU torch's fused Adam
    takes many times as long for them in that layout, and goes wrong silently where moments are in another.

    Args:
        options: Every size.
    """

    def __init__(self, options: LFAEOptions) -> None:
        super().__init__()
        self.options = options
        self.region_predictor = RegionPredictor(
            options.num_regions,
            options.region_width,
            options.region_max_width,
            options.region_blocks,
            pad=options.region_pad,
            temperature=options.temperature,
            scale=options.region_scale,
        )
        self.background_predictor = BackgroundPredictor(
            options.background_width, options.background_max_width, options.background_blocks
        )
        self.flow_predictor = FlowPredictor(
            options.num_regions,
            options.flow_width,
            options.flow_max_width,
            options.flow_blocks,
            scale=options.estimate_scale,
            use_occlusion=options.use_occlusion,
            aligned=options.aligned,
        )
        self.generator = Generator(
            options.generator_width,
            options.generator_max_width,
            options.num_down,
            options.num_res_blocks,
            use_skips=options.use_occlusion,
            aligned=options.aligned,
        )

    def forward(self, source: Tensor, driving: Tensor, transformed: Tensor | None = None) -> LFAEOutput:
        """Move source frames onto driving frames.

        Args:
            source: (B, 3, H, W) in [0, 1].
            driving: (B, 3, H, W).
            transformed: A third image (B, 3, H, W) of which only the regions are wanted (equivariance terms).

        Raises:
            InputError: The size does not fit the number of blocks.
        """
        self.options.check_size(*source.shape[2:])
        # One call an image: batch statistics are those of one kind of frame, as in the published training.
        find_regions = self._part("region_predictor")
        source_regions, driving_regions = find_regions(source), find_regions(driving)
        transformed_regions = None if transformed is None else find_regions(transformed)
        background = self._part("background_predictor")(source, driving)
        flow, occlusion = self._part("flow_predictor")(
            source, source_regions, driving_regions.unflatten(len(source), 1), background.unsqueeze(1)
        )
        decoded = self.decode_clip(source, flow, occlusion)
        return LFAEOutput(
            prediction=decoded.prediction.squeeze(1),
            deformed=decoded.deformed.squeeze(1),
            flow=flow.squeeze(1),
            occlusion=occlusion.squeeze(1),
            background=background,
            source_regions=source_regions,
            driving_regions=driving_regions,
            transformed_regions=transformed_regions,
        )

    def encode(self, source: Tensor) -> Tensor:
        """Return the latent feature map z0 (B, C, H/4, W/4) of source frames (B, 3, H, W)."""
        return self.generator.encode(source)[-1]

    def decode(self, source: Tensor, flow: Tensor, occlusion: Tensor) -> Decoded:
        """Decode a frame for each source (B, 3, H, W), flow (B, h, w, 2) and occlusion map (B, 1, h, w)."""
        decoded = self.decode_clip(source, flow.unsqueeze(1), occlusion.unsqueeze(1))
        return Decoded(decoded.prediction.squeeze(1), decoded.deformed.squeeze(1))

    def decode_clip(self, source: Tensor, flow: Tensor, occlusion: Tensor) -> Decoded:
        """Decode T frames a source in one batch; the source is encoded once.

        Args:
            source: Reference frames (B, 3, H, W).
            flow: (B, T, h, w, 2).
            occlusion: (B, T, 1, h, w).

        Returns:
            Images with leading dimensions (B, T).
        """
        decoded: Decoded = self._part("generator")(source, flow, occlusion)
        return decoded

    def extract(self, source: Tensor, driving: Tensor) -> tuple[Tensor, Tensor]:
        """Return the flows (B, T, h, w, 2) and occlusion maps (B, T, 1, h, w) of clips against a reference.

        Args:
            source: Reference frames (B, 3, H, W), whose regions are computed once.
            driving: Clips (B, T, 3, H, W).
        """
        self.options.check_size(*source.shape[2:])
        batch, count = driving.shape[:2]
        frames = driving.flatten(0, 1)
        repeated = source.unsqueeze(1).expand_as(driving).flatten(0, 1)
        background = self._part("background_predictor")(repeated, frames).unflatten(0, (batch, count))
        find_regions = self._part("region_predictor")
        driving_regions = find_regions(frames).unflatten(batch, count)
        flow, occlusion = self._part("flow_predictor")(source, find_regions(source), driving_regions, background)
        return flow, occlusion

    def merged(self) -> "LFAE":
        """A network that computes the same with its own weights alone."""
        return self

    def _part(self, name: str) -> Callable[..., Any]:
        """A predictor or the generator, to be called; for a domain it may have other weights."""
        part: nn.Module = getattr(self, name)
        return part
