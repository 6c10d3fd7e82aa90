"""Copying tensors into a network, every one accounted for."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError

logger = logging.getLogger(__name__)

Shape = tuple[int, ...]

_LISTED = 5


@dataclass(frozen=True)
class TensorAccount:
    """How the tensors of a file stand to those of a network.

    Attributes:
        fitting: names that are in both, in one shape.
        missing: names that only the network has.
        extra: names that only the file has.
        misshapen: names that are in both, with the shape in the file and the one in the network.
        constant: names in the file that follow from the architecture, and were not read.
    """

    fitting: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    misshapen: Mapping[str, tuple[Shape, Shape]]
    constant: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether every tensor has its place."""
        return not (self.missing or self.extra or self.misshapen)

    def faults(self) -> Iterator[tuple[str, list[str]]]:
        """Each kind of fault there is, with all that have it."""
        wrong = [f"{name} {found} instead of {wanted}" for name, (found, wanted) in self.misshapen.items()]
        kinds = (("missing", self.missing), ("left over", self.extra), ("of another shape", wrong))
        yield from ((kind, list(found)) for kind, found in kinds if found)


class MisfitError(InputError):
    """Tensors do not fit a network; the message names the first of each kind, `account` and the log all."""

    def __init__(self, origin: str, account: TensorAccount, hint: str = "") -> None:
        faults = "; ".join(f"{len(found)} {kind}: {listing(found)}" for kind, found in account.faults())
        super().__init__(f"tensors of {origin} do not fit the model: {faults}" + (f"; {hint}" if hint else ""))
        self.origin, self.account = origin, account

    def hinting(self, hint: str) -> "MisfitError":
        """The same error, with what to do about it."""
        return MisfitError(self.origin, self.account, hint)


def assign(
    module: nn.Module,
    state: Mapping[str, Tensor],
    names: Mapping[str, str],
    is_constant: Callable[[str], bool] = lambda name: False,
    origin: str = "the given state",
) -> TensorAccount:
    """Copy tensors into a module, which keeps its own memory layout and types.

    Args:
        module: Receives the tensors; unchanged where they do not fit.
        state: Tensors under their names in the file.
        names: The name in the file of every entry of the module's state dict.
        is_constant: Tells names in the file that follow from the architecture: ignored, and they may be absent.
        origin: Where the tensors are from, for the message.

    Raises:
        MisfitError: Tensors are missing, left over or of another shape.
    """
    wanted = {names[key]: tensor for key, tensor in module.state_dict(keep_vars=True).items()}
    account = _account(state, wanted, is_constant)
    if not account.fits:
        for kind, found in account.faults():
            logger.error("%s: %d %s:\n  %s", origin, len(found), kind, "\n  ".join(found))
        raise MisfitError(origin, account)
    with torch.no_grad():
        for name, tensor in wanted.items():
            tensor.copy_(state[name])
    return account


def listing(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    shown = list(names)
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more


def _account(
    state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], is_constant: Callable[[str], bool]
) -> TensorAccount:
    shapes = {name: (tuple(state[name].shape), tuple(tensor.shape)) for name, tensor in wanted.items() if name in state}
    others = sorted(state.keys() - wanted.keys())
    return TensorAccount(
        fitting=tuple(name for name, (found, own) in shapes.items() if found == own),
        missing=tuple(sorted(wanted.keys() - state.keys())),
        extra=tuple(name for name in others if not is_constant(name)),
        misshapen={name: both for name, both in shapes.items() if both[0] != both[1]},
        constant=tuple(name for name in others if is_constant(name)),
    )
