"""Models in the layout of published files."""

import torch
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.models.temporal_attention import TemporalAttention
from lfdm_pipeline.reference import denoiser as stage_two
from lfdm_pipeline.reference import lfae as stage_one
from lfdm_pipeline.reference.constants import rotary_frequencies, schedule_tables, shrinking_kernel

PublishedFile = dict[str, dict[str, Tensor]]
"""What `torch.save` writes: the state dict of each network under the network's name."""


def published_lfae(lfae: LFAE) -> PublishedFile:
    """Return the state dicts of a stage-one file: weights, and the antialias kernels that the published code expects.

    Raises:
        InputError: The LFAE samples grids aligned, which the published code does not.
    """
    if lfae.options.aligned:
        raise InputError(
            "the published code samples grids unaligned and would compute something else from this LFAE, which was "
            "trained with lfae.model.aligned=true: only one trained with false has a published layout"
        )
    tensors = {stage_one.published_name(name): tensor for name, tensor in lfae.state_dict().items()}
    scales = {
        "generator.pixelwise_flow_predictor.down.weight": lfae.options.estimate_scale,
        "region_predictor.down.weight": lfae.options.region_scale,
    }
    kernels = {name: shrinking_kernel(scale) for name, scale in scales.items()}
    return _by_network(tensors | {name: kernel for name, kernel in kernels.items() if kernel is not None})


def published_dm(dm: DM) -> PublishedFile:
    """Return the state dict of a stage-two file: the denoiser, and the tables that the published code expects.

    Raises:
        InputError: The DM draws displacement or predicts v, for which the published layout has no place.
    """
    options = dm.options
    if options.target != "absolute" or options.prediction != "epsilon":
        raise InputError(
            "the published layout knows absolute grids and noise prediction only, and this DM was trained with "
            f"dm.model.target={options.target}, dm.model.prediction={options.prediction}"
        )
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


def _by_network(tensors: dict[str, Tensor]) -> PublishedFile:
    networks: PublishedFile = {}
    for full_name, tensor in tensors.items():
        network, _, name = full_name.partition(".")
        networks.setdefault(network, {})[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    return networks
