"""Published files as the models that a configuration describes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.account import MisfitError, TensorAccount
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.options import Options
from lfdm_pipeline.reference import denoiser as stage_two
from lfdm_pipeline.reference import lfae as stage_one
from lfdm_pipeline.reference.exporting import PublishedFile, beyond_published, published_dm, published_lfae
from lfdm_pipeline.reference.state import PublishedNetworks, PublishedState, read_published

Model = TypeVar("Model", bound=nn.Module)

CLOSE = 1e-4
"""Constants of another torch version differ in the last bits."""


@dataclass(frozen=True)
class Imported(Generic[Model]):
    """A model with the weights of a published file.

    Attributes:
        model: in eval mode.
        account: every tensor of the networks that were read.
        others: what else the file holds, and nobody read.
        odd_constants: constants in the file that are not what they are for these sizes.
    """

    model: Model
    account: TensorAccount
    others: tuple[str, ...]
    odd_constants: tuple[str, ...]


def import_lfae(path_or_state: PublishedState, options: LFAEOptions) -> Imported[LFAE]:
    """Return the LFAE of these options with published weights (LFDM's stage one, or MRAA's).

    Raises:
        InputError: The file cannot be read, or the options say what published weights are not.
        MisfitError: Tensors are missing, left over or of another shape; options that would fit are named.
    """
    _require_published("lfae.model", options)
    published, lfae = read_published(path_or_state, stage_one.NETWORKS), LFAE(options)
    with _hinting("lfae.model", options, lambda: stage_one.lfae_options(published, options)):
        account = stage_one.fill_lfae(lfae, published)
    return Imported(lfae.eval(), account, published.others, _odd(published, account, published_lfae(lfae)))


def import_dm(path_or_state: PublishedState, options: DMOptions) -> Imported[DM]:
    """Return the DM of these options with published weights.

    Raises:
        InputError: The file cannot be read, or the options say what published weights are not.
        MisfitError: Tensors are missing, left over or of another shape; options that would fit are named.
    """
    _require_published("dm.model", options)
    published, dm = read_published(path_or_state, stage_two.NETWORKS), DM(options)
    betas = published.tensors.get("diffusion.betas")
    if betas is not None and betas.numel() != options.timesteps:
        raise InputError(
            f"dm.model.timesteps: {published.origin} was trained with {betas.numel()}, it is {options.timesteps}"
        )
    with _hinting("dm.model.denoiser", options.denoiser, lambda: stage_two.denoiser_options(published)):
        account = stage_two.fill_denoiser(dm.denoiser, published)
    return Imported(dm.eval(), account, published.others, _odd(published, account, published_dm(dm)))


def _require_published(prefix: str, options: LFAEOptions | DMOptions) -> None:
    if beyond := beyond_published(options):
        wanted = [f"{prefix}.{name}={published} (now {value})" for name, (value, published) in beyond.items()]
        raise InputError(f"published weights need other options: set {', '.join(wanted)}")


@contextmanager
def _hinting(prefix: str, options: Options, sizes: Callable[[], Options]) -> Iterator[None]:
    """Add to an error the options that the file's tensors have, where they tell them."""
    try:
        yield
    except MisfitError as error:
        try:
            found = sizes()
        except InputError:
            raise error from None
        raise error.hinting(_difference(prefix, options, found)) from None


def _difference(prefix: str, options: Options, found: Options) -> str:
    now, there = options.model_dump(), found.model_dump()
    wanted = [f"{prefix}.{name}={there[name]} (now {now[name]})" for name in now if now[name] != there[name]]
    return f"if it is the right file, set {', '.join(wanted)}" if wanted else ""


def _odd(published: PublishedNetworks, account: TensorAccount, whole: PublishedFile) -> tuple[str, ...]:
    wanted = {f"{network}.{name}": tensor for network, state in whole.items() for name, tensor in state.items()}
    return tuple(
        name
        for name in account.constant
        if name not in wanted
        or wanted[name].shape != published.tensors[name].shape
        or not torch.allclose(wanted[name], published.tensors[name].float(), rtol=CLOSE, atol=CLOSE)
    )
