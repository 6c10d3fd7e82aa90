"""The published stage-one checkpoint (LFDM, and MRAA's initialisation of it)."""

import re
from collections.abc import Mapping

from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.account import TensorAccount, assign
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.reference.state import PublishedNetworks, PublishedState, read_published

NETWORKS = ("generator", "region_predictor", "bg_predictor")
_FLOW = "generator.pixelwise_flow_predictor."
_ENCODERS = {
    "region": "region_predictor.predictor.encoder.",
    "background": "bg_predictor.encoder.",
    "flow": f"{_FLOW}hourglass.encoder.",
}
_PUBLISHED_PREFIXES = {"flow_predictor.": _FLOW, "background_predictor.": "bg_predictor."}


def load_published_lfae(path_or_state: PublishedState, region_pad: int = 3) -> LFAE:
    """Return the LFAE of a published stage-one file in eval mode; its sizes follow from the tensors.

    Args:
        path_or_state: The file, or a mapping of full tensor names (`generator.first.conv.weight` ...) to tensors or
            arrays; constants (Gaussian kernels) may be absent.
        region_pad: Padding of the region predictor's head, which no tensor tells: 3 for MUG, 0 for MHAD and NATOPS.

    Raises:
        InputError: The file cannot be read, or tensors are missing, left over or of another shape.
    """
    published = read_published(path_or_state, NETWORKS)
    lfae = LFAE(lfae_options(published, LFAEOptions(region_pad=region_pad)))
    fill_lfae(lfae, published)
    return lfae.eval()


def fill_lfae(lfae: LFAE, published: PublishedNetworks) -> TensorAccount:
    """Copy published tensors into an LFAE of their sizes.

    Raises:
        MisfitError: Tensors are missing, left over or of another shape.
    """
    names = {name: published_name(name) for name in lfae.state_dict()}
    return assign(lfae, published.tensors, names, _is_constant, published.origin)


def published_name(name: str) -> str:
    """Return the published name of an entry of the LFAE's state dict."""
    for own, published in _PUBLISHED_PREFIXES.items():
        if name.startswith(own):
            name = published + name.removeprefix(own)
    name = re.sub(r"^(generator\.bottleneck\.)(\d)", r"\1r\2", name)
    return re.sub(r"(predictor\.|hourglass\.)(up_blocks\.)", r"\1decoder.\2", name)


def _is_constant(name: str) -> bool:
    return name.endswith(".down.weight")


def lfae_options(published: PublishedNetworks, told: LFAEOptions) -> LFAEOptions:
    """Return the options of published tensors: sizes as the tensors have them, as told what no tensor tells.

    Raises:
        InputError: Tensors that tell sizes are missing, or tell none that an LFAE can have.
    """
    state = published.tensors
    try:
        generator = [len(state["generator.first.conv.bias"]), *_down_widths(state, "generator.")]
        sizes = {
            "generator_width": generator[0],
            "generator_max_width": _max_width(generator, told.generator_max_width),
            "num_down": len(generator) - 1,
            "num_res_blocks": _count(state, r"generator\.bottleneck\.r(\d+)\."),
            "num_regions": len(state["region_predictor.regions.bias"]),
        }
        for network, encoder in _ENCODERS.items():
            widths = _down_widths(state, encoder)
            sizes |= {
                f"{network}_width": widths[0] // 2,
                f"{network}_max_width": _max_width(widths, getattr(told, f"{network}_max_width")),
                f"{network}_blocks": len(widths),
            }
        sizes["use_occlusion"] = f"{_FLOW}occlusion.bias" in state
        return LFAEOptions.model_validate({**told.model_dump(), **sizes})
    except KeyError as error:
        raise InputError(f"published stage-one tensor {error} is missing: give a file of stage one") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"{published.origin} holds tensors of no LFAE: give a file of stage one") from error


def _down_widths(state: Mapping[str, Tensor], prefix: str) -> list[int]:
    count = _count(state, rf"{re.escape(prefix)}down_blocks\.(\d+)\.")
    return [len(state[f"{prefix}down_blocks.{i}.conv.bias"]) for i in range(max(count, 1))]


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    """Return one more than the largest index, so that a block missing in between is noticed."""
    found = (re.match(pattern, name) for name in state)
    return max((int(match[1]) + 1 for match in found if match), default=0)


def _max_width(widths: list[int], told: int) -> int:
    """Return the width that stopped the doubling; where none did, any bound above it is as good."""
    doubled = widths[0] * 2 ** (len(widths) - 1)
    return widths[-1] if widths[-1] < doubled else max(told, widths[-1])
