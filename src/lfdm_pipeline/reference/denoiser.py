"""The published stage-two checkpoint."""

import re

from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.account import TensorAccount, assign
from lfdm_pipeline.models.denoiser import TARGET_CHANNELS, Denoiser, DenoiserOptions
from lfdm_pipeline.reference.state import PublishedNetworks, PublishedState, read_published

NETWORKS = ("diffusion",)
_PREFIX = "diffusion.denoise_fn."
_PARTS = (
    (r"stem\.", "init_conv."),
    (r"stem_attention\.", "init_temporal_attn."),
    (r"time\.hidden\.", "time_mlp.1."),
    (r"time\.out\.", "time_mlp.3."),
    (r"positions\.embedding\.", "time_rel_pos_bias.relative_attention_bias."),
    (r"(down|up)\.(\d+)\.first\.", r"\1s.\2.0."),
    (r"(down|up)\.(\d+)\.second\.", r"\1s.\2.1."),
    (r"(down|up)\.(\d+)\.spatial\.", r"\1s.\2.2."),
    (r"(down|up)\.(\d+)\.temporal\.", r"\1s.\2.3."),
    (r"(down|up)sample\.(\d+)\.", r"\1s.\2.4."),
    (r"middle\.first\.", "mid_block1."),
    (r"middle\.second\.", "mid_block2."),
    (r"middle\.spatial\.", "mid_spatial_attn."),
    (r"middle\.temporal\.", "mid_temporal_attn."),
    (r"flow_head\.block\.", "final_conv.0."),
    (r"flow_head\.out\.", "final_conv.1."),
    (r"occlusion_head\.block\.", "occlusion_map.0."),
    (r"occlusion_head\.out\.", "occlusion_map.1."),
)
_RES_BLOCK = (
    (r"modulation\.", "mlp.1."),
    (r"shortcut\.", "res_conv."),
    (r"first\.conv\.", "block1.proj."),
    (r"second\.conv\.", "block2.proj."),
    (r"first\.", "block1.norm."),
    (r"second\.", "block2.norm."),
)
_ATTENTION = re.compile(r"(stem_attention|spatial|temporal)\.")
_POINTWISE = re.compile(r"shortcut\.weight$|^(flow|occlusion)_head\.out\.weight$")
_LINEAR_ATTENTION = re.compile(r"(down|up)\.\d+\.spatial\.")


def load_published_denoiser(path_or_state: PublishedState) -> Denoiser:
    """Return the denoiser of a published stage-two file in eval mode; its sizes follow from the tensors.

    Args:
        path_or_state: The file, or a mapping of full tensor names (`diffusion.denoise_fn.init_conv.weight` ...) to
            tensors or arrays; constants (schedule, rotary frequencies) may be absent.

    Raises:
        InputError: The file cannot be read, or tensors are missing, left over or of another shape.
    """
    published = read_published(path_or_state, NETWORKS)
    denoiser = Denoiser(denoiser_options(published))
    fill_denoiser(denoiser, published)
    return denoiser.eval()


def fill_denoiser(denoiser: Denoiser, published: PublishedNetworks) -> TensorAccount:
    """Copy published tensors into a denoiser of their sizes.

    Raises:
        MisfitError: Tensors are missing, left over or of another shape.
    """
    names = {name: published_name(name) for name in denoiser.state_dict()}
    state = {name: _flat(name, tensor) for name, tensor in published.tensors.items()}
    return assign(denoiser, state, names, _is_constant, published.origin)


def published_name(name: str) -> str:
    """Return the published name of an entry of the denoiser's state dict."""
    part, rest = _replace_start(name, _PARTS)
    if not _ATTENTION.search(name):
        return _PREFIX + part + "".join(_replace_start(rest, _RES_BLOCK))
    if rest == "gain":
        return f"{_PREFIX}{part}fn.norm.gamma"
    inner = "fn.fn" if _LINEAR_ATTENTION.match(name) else "fn.fn.fn"
    return f"{_PREFIX}{part}{inner}.to_{rest}"


def frequencies_name(attention: str) -> str:
    """Return the published name of the rotary frequencies of a temporal attention, given its name in the denoiser."""
    return published_name(f"{attention}.gain").replace("fn.norm.gamma", "fn.fn.fn.rotary_emb.freqs")


def published_shape(name: str, tensor: Tensor) -> Tensor:
    """Return an entry of the denoiser's state dict with the axes that the published one has; see `_flat`."""
    if name.endswith(".gain"):
        return tensor[None, :, None, None, None]
    if name.endswith(".weight") and tensor.ndim == 4:
        return tensor.unsqueeze(2)
    if _POINTWISE.search(name):
        return tensor[..., None, None, None]
    return tensor[..., None, None] if _LINEAR_ATTENTION.match(name) and name.endswith(".weight") else tensor


def _replace_start(name: str, replacements: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    for own, published in replacements:
        if match := re.match(own, name):
            return match.expand(published), name[match.end() :]
    return "", name


def _flat(name: str, tensor: Tensor) -> Tensor:
    """Drop the axes that published tensors have for time, and for positions where a kernel is 1x1."""
    if name.endswith(".gamma"):
        return tensor.flatten()
    if tensor.ndim == 5:
        tensor = tensor.squeeze(2)
    return tensor[..., 0, 0] if tensor.ndim == 4 and tensor.shape[-2:] == (1, 1) else tensor


def _is_constant(name: str) -> bool:
    return not name.startswith(_PREFIX) or name.endswith(".rotary_emb.freqs")


def denoiser_options(published: PublishedNetworks) -> DenoiserOptions:
    """Return the options of published tensors, which tell every size.

    Raises:
        InputError: Tensors that tell sizes are missing, or tell none that a denoiser can have.
    """
    state = published.tensors
    try:
        stem = state[f"{_PREFIX}init_conv.weight"]
        heads = state[f"{_PREFIX}time_rel_pos_bias.relative_attention_bias.weight"].shape[1]
        qkv = state[f"{_PREFIX}init_temporal_attn.fn.fn.fn.to_qkv.weight"]
        modulation = state[f"{_PREFIX}mid_block1.mlp.1.weight"]
        levels = {int(match[1]) for name in state if (match := re.match(rf"{re.escape(_PREFIX)}downs\.(\d+)\.", name))}
        widths = [len(state[f"{_PREFIX}downs.{i}.0.block1.proj.bias"]) for i in range(max(levels, default=0) + 1)]
        dim = len(stem)
        return DenoiserOptions(
            dim=dim,
            multipliers=tuple(width // dim for width in widths),
            feature_channels=stem.shape[1] - TARGET_CHANNELS,
            condition_dim=modulation.shape[1] - 4 * dim,
            heads=heads,
            head_dim=len(qkv) // 3 // heads,
        )
    except KeyError as error:
        raise InputError(f"published stage-two tensor {error} is missing: give a file of stage two") from error
    except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise InputError(f"{published.origin} holds tensors of no denoiser: give a file of stage two") from error
