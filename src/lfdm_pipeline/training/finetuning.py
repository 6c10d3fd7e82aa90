"""Ways to make a trained LFAE's decoder fit a new domain."""

from collections.abc import Mapping
from typing import Any

import torch
from pydantic import ConfigDict, Field, RootModel, model_validator
from torch import nn

from lfdm_pipeline.models.adapters import DECODER, AdapterOptions, DecoderLayer, decoder_layers
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.options import Options


class FinetuningMethod(Options):
    """One way; the defaults are the paper's: the whole image decoder, on clips of the new domain alone."""

    layers: tuple[DecoderLayer, ...] = Field(DECODER, min_length=1)
    """Layers of the decoder that are trained; everything else is frozen in any case."""
    adapter_rank: int | None = Field(None, ge=1)
    """Train an adapter of this rank and leave the decoder as it is; null trains the decoder. Beyond the paper."""
    rehearsal: float = Field(0.0, ge=0, lt=1)
    """Share of clips of the old domains among those that are trained on. Beyond the paper."""
    learning_rate: float | None = Field(None, gt=0)
    """Instead of the training's own; null keeps that."""

    def described(self) -> str:
        """What it does, in words."""
        what = "the decoder" if self.layers == DECODER else f"{', '.join(self.layers)} of the decoder"
        if self.adapter_rank is not None:
            what = f"an adapter of rank {self.adapter_rank} to {what}, used on the new domain alone"
        share = f"; {self.rehearsal:.0%} of the clips are old ones" if self.rehearsal else ""
        return f"trains {what}{share}"


class FinetuningMethods(RootModel[dict[str, FinetuningMethod]]):
    """The ways to try, under names of one's choice; null leaves out one that the base configures."""

    model_config = ConfigDict(frozen=True)
    root: dict[str, FinetuningMethod] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _without_those_left_out(cls, methods: Any) -> Any:
        if not isinstance(methods, Mapping):
            return methods
        return {name: method for name, method in methods.items() if method is not None}


def prepare(pretrained: DomainLFAE, method: FinetuningMethod, domain: str, seed: int) -> tuple[DomainLFAE, nn.Module]:
    """A copy of a pretrained LFAE, and what of it a method trains.

    Raises:
        InputError: The method changes a decoder that adapters of earlier domains rely on.
    """
    if method.adapter_rank is None:
        lfae = pretrained.without_adapters()
        return lfae, decoder_layers(lfae.generator, method.layers)
    torch.manual_seed(seed)
    lfae = pretrained.with_adapter(domain, AdapterOptions(layers=method.layers, rank=method.adapter_rank))
    return lfae, lfae.adapter(domain)


def changed_values(before: nn.Module, after: nn.Module) -> int:
    """Number of weights and statistics that differ between two states of a network, or that are new."""
    old = before.state_dict()
    return sum(
        value.numel() if name not in old else int((value != old[name].to(value.device)).sum())
        for name, value in after.state_dict().items()
    )
