"""Ways to make a trained LFAE fit a new domain."""

from collections.abc import Mapping
from typing import Any, Self

import torch
from pydantic import ConfigDict, Field, RootModel, model_validator
from torch import nn

from lfdm_pipeline.models.adapters import DECODER, PREDICTORS, AdapterOptions, Layer, named_layers
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.options import Options


class FinetuningMethod(Options):
    """One way; the defaults are the paper's: the whole image decoder, on clips of the new domain alone."""

    layers: tuple[Layer, ...] = Field(DECODER, min_length=1)
    """What is trained: layers of the decoder; with an adapter also predictors, which are frozen otherwise."""
    adapter_rank: int | None = Field(None, ge=1)
    """Train an adapter of this rank and leave all weights as they are; null trains the layers. Beyond the paper."""
    rehearsal: float = Field(0.0, ge=0, lt=1)
    """Share of clips of the old domains among those that are trained on. Beyond the paper."""
    learning_rate: float | None = Field(None, gt=0)
    """Instead of the training's own; null keeps that."""

    @model_validator(mode="after")
    def _predictors_are_frozen(self) -> Self:
        if self.changes_flow and self.adapter_rank is None:
            named = ", ".join(layer for layer in self.layers if layer in PREDICTORS)
            raise ValueError(
                f"{named} cannot be trained themselves, since the DM and all earlier domains rely on them: "
                "set adapter_rank, which leaves them as they are"
            )
        return self

    @property
    def changes_flow(self) -> bool:
        """Whether it changes how flows are found, and not only how they are decoded."""
        return not set(self.layers).isdisjoint(PREDICTORS)

    def described(self) -> str:
        """What it does, in words."""
        what = _in_words(self.layers)
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
        return lfae, named_layers(lfae, method.layers)
    torch.manual_seed(seed)
    lfae = pretrained.with_adapter(domain, AdapterOptions(layers=method.layers, rank=method.adapter_rank))
    return lfae, lfae.adapter(domain)


def _in_words(layers: tuple[Layer, ...]) -> str:
    decoder = tuple(layer for layer in layers if layer in DECODER)
    words = [f"the {name.replace('_', ' ')}" for name in layers if name in PREDICTORS]
    if decoder:
        words.append("the decoder" if decoder == DECODER else f"{', '.join(decoder)} of the decoder")
    return ", ".join(words)


def changed_values(before: nn.Module, after: nn.Module) -> int:
    """Number of weights and statistics that differ between two states of a network, or that are new."""
    old = before.state_dict()
    return sum(
        value.numel() if name not in old else int((value != old[name].to(value.device)).sum())
        for name, value in after.state_dict().items()
    )
