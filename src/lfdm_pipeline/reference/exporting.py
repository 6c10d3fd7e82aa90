"""Models in the layout of published files."""

from typing import Any

import torch
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.account import listing
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.models.temporal_attention import TemporalAttention
from lfdm_pipeline.reference import denoiser as stage_two
from lfdm_pipeline.reference import lfae as stage_one
from lfdm_pipeline.reference.constants import rotary_frequencies, schedule_tables, shrinking_kernel

PublishedFile = dict[str, dict[str, Tensor]]
"""What `torch.save` writes: the state dict of each network under the network's name."""


def published_lfae(lfae: LFAE) -> PublishedFile:
    """Return the state dicts of a stage-one file: weights, and the antialias kernels that the published code expects.

    Raises:
        InputError: The published code would compute something else from this LFAE.
    """
    tensors = {stage_one.published_name(name): tensor for name, tensor in lfae.state_dict().items()}
    own = [name for name in tensors if not name.startswith(stage_one.NETWORKS)]
    if beyond := [f"lfae.model.{name}={value}" for name, (value, _) in beyond_published(lfae.options).items()] or own:
        raise InputError(f"this LFAE has what the published layout has no place for: {listing(beyond)}")
    scales = {
        "generator.pixelwise_flow_predictor.down.weight": lfae.options.estimate_scale,
        "region_predictor.down.weight": lfae.options.region_scale,
    }
    kernels = {name: shrinking_kernel(scale) for name, scale in scales.items()}
    return _by_network(tensors | {name: kernel for name, kernel in kernels.items() if kernel is not None})


def published_dm(dm: DM) -> PublishedFile:
    """Return the state dict of a stage-two file: the denoiser, and the tables that the published code expects.

    Raises:
        InputError: The published code would compute something else from this DM.
    """
    options = dm.options
    if beyond := [f"dm.model.{name}={value}" for name, (value, _) in beyond_published(options).items()]:
        raise InputError(f"this DM has what the published layout has no place for: {listing(beyond)}")
    tensors = {
        stage_two.published_name(name): stage_two.published_shape(name, tensor)
        for name, tensor in dm.denoiser.state_dict().items()
    }
    frequencies = {
        stage_two.frequencies_name(name): rotary_frequencies(options.denoiser.head_dim)
        for name, module in dm.denoiser.named_modules()
        if isinstance(module, TemporalAttention)
    }
    tables = {f"diffusion.{name}": table for name, table in schedule_tables(options.timesteps).items()}
    return _by_network(tables | tensors | frequencies)


def beyond_published(options: LFAEOptions | DMOptions) -> dict[str, tuple[Any, Any]]:
    """Return the options that are not what the published code does and that it has no word for.

    Returns:
        Their value and the one that says what the published code does, by name.
    """
    # What is beyond the paper has what the paper does as its default.
    names = (
        ["aligned"] if isinstance(options, LFAEOptions) else DMOptions.model_fields.keys() - {"denoiser", "timesteps"}
    )
    default = type(options)()
    values = {name: (getattr(options, name), getattr(default, name)) for name in sorted(names)}
    return {name: (value, published) for name, (value, published) in values.items() if value != published}


def _by_network(tensors: dict[str, Tensor]) -> PublishedFile:
    networks: PublishedFile = {}
    for full_name, tensor in tensors.items():
        network, _, name = full_name.partition(".")
        networks.setdefault(network, {})[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    return networks
