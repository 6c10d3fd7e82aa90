"""Whether sizes that stages hand each other fit: known before the first of them takes days."""

from collections.abc import Iterator, Mapping
from math import lcm
from typing import Any

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DMOptions
from lfdm_pipeline.models.lfae import LFAEOptions


def check_sizes(parameters: Mapping[str, Any]) -> None:
    """Check that the LFAE can take the clips, and the denoiser what the LFAE makes of them.

    Args:
        parameters: checked and nested.

    Raises:
        InputError: names each parameter that does not fit, and the value that would, on one line.
    """
    try:
        size, sizes, dm_sizes = (
            parameters[group][name] for group, name in (("ingestion", "size"), ("lfae", "model"), ("dm", "model"))
        )
    except KeyError:
        # Kedro names a parameter that is missing, where a node takes it.
        return
    lfae, denoiser = LFAEOptions.model_validate(sizes), DMOptions.model_validate(dm_sizes).denoiser
    problems = [*_channels(lfae, denoiser), *_resolution(lfae), *_frame_size(size, lfae, denoiser)]
    if problems:
        raise InputError("; ".join(problems))


def _channels(lfae: LFAEOptions, denoiser: DenoiserOptions) -> Iterator[str]:
    channels = lfae.feature_channels
    if denoiser.feature_channels != channels:
        yield (
            f"parameter dm.model.denoiser.feature_channels is {denoiser.feature_channels}, but the LFAE's feature map "
            f"has {channels} channels (lfae.model: generator_width={lfae.generator_width}, num_down={lfae.num_down}, "
            f"generator_max_width={lfae.generator_max_width}): set it to {channels}"
        )


def _resolution(lfae: LFAEOptions) -> Iterator[str]:
    halved = 2**lfae.num_down
    if lfae.flow_shrinkage != halved:
        yield (
            f"parameter lfae.model.estimate_scale is {lfae.estimate_scale:g}, but flows must be as large as the "
            f"feature map, 1/{halved} of a frame (lfae.model.num_down={lfae.num_down}): set it to {1 / halved:g}"
        )


def _frame_size(size: int, lfae: LFAEOptions, denoiser: DenoiserOptions) -> Iterator[str]:
    multiples = {f"lfae.model.{blocks}": multiple for blocks, multiple in lfae.size_multiples.items()}
    levels = f"dm.model.denoiser.multipliers={list(denoiser.multipliers)}"
    multiples[levels] = lfae.flow_shrinkage * denoiser.size_multiple
    asking = [name for name, multiple in multiples.items() if size % multiple]
    if asking:
        multiple = lcm(*multiples.values())
        below = size // multiple * multiple
        fitting = " or ".join(str(each) for each in (below, below + multiple) if each)
        yield (
            f"parameter ingestion.size is {size}, which cannot be halved often enough for {', '.join(asking)}: "
            f"set it to {fitting}"
        )
