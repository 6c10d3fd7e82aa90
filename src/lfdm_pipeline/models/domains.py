"""An LFAE that knows several domains: its own weights, and an adapter for each domain that was added."""

import copy
from collections.abc import Callable
from typing import Any, Self

from pydantic import Field, model_validator
from torch.func import functional_call
from torch.nn import ModuleList

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.adapters import AdapterOptions, DomainAdapter
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions


class DomainLFAEOptions(LFAEOptions):
    """Sizes of an LFAE and of its adapters."""

    adapters: dict[str, AdapterOptions] = Field(default_factory=dict)
    """An adapter for each domain that was added to the one the LFAE was trained on, by the corpus' name."""
    domain: str | None = None
    """Domain whose adapter is used at first; null: none, as the LFAE was trained."""

    @model_validator(mode="after")
    def _domain_is_known(self) -> Self:
        if self.domain is not None and self.domain not in self.adapters:
            raise ValueError(f"there is no adapter for domain {self.domain!r}")
        return self


class DomainLFAE(LFAE):
    """An LFAE with adapters; without any it is the LFAE that it was read from.

    Args:
        options: Every size.
    """

    options: DomainLFAEOptions

    def __init__(self, options: DomainLFAEOptions) -> None:
        super().__init__(options)
        self.adapters = ModuleList(DomainAdapter(self, each) for each in options.adapters.values())
        self.domain = options.domain

    def use_domain(self, domain: str | None) -> Self:
        """Work for a domain: with its adapter where there is one, else as the LFAE was trained."""
        self.domain = domain if domain in self.options.adapters else None
        return self

    def adapter(self, domain: str) -> DomainAdapter:
        """The adapter of a domain, which must have one."""
        adapter = self.adapters[list(self.options.adapters).index(domain)]
        assert isinstance(adapter, DomainAdapter)
        return adapter

    def with_adapter(self, domain: str, options: AdapterOptions) -> "DomainLFAE":
        """A copy with a fresh adapter for `domain`, which it then works for; in eval mode."""
        known = {name: each for name, each in self.options.adapters.items() if name != domain}
        values = self.options.model_dump() | {"adapters": {**known, domain: options}, "domain": domain}
        extended = DomainLFAE(DomainLFAEOptions.model_validate(values))
        extended.load_state_dict(self._own_state(), strict=False)
        for name in known:
            extended.adapter(name).load_state_dict(self.adapter(name).state_dict())
        return extended.eval()

    def without_adapters(self) -> "DomainLFAE":
        """A copy whose decoder may be changed.

        Raises:
            InputError: There are adapters, which rely on the decoder as it is.
        """
        if self.options.adapters:
            raise InputError(
                f"this LFAE has adapters for {', '.join(self.options.adapters)}, which a change of its decoder would "
                "break: give each method of decoder_finetuning.methods an adapter_rank, leave the others out "
                "(decoder: null), or start from another model"
            )
        return copy.deepcopy(self).eval()

    def merged(self) -> LFAE:
        """A plain copy, in eval mode, with the adapter of its domain in its weights; itself where none is in use."""
        if self.domain is None:
            return self
        plain = LFAE(LFAEOptions.model_validate(self.options.model_dump(exclude={"adapters", "domain"})))
        plain.load_state_dict(self._own_state())
        for name, part in plain.named_children():
            part.load_state_dict(self.adapter(self.domain).weights(self, name), strict=False)
        return plain.eval()

    def _own_state(self) -> dict[str, Any]:
        return {name: value for name, value in self.state_dict().items() if not name.startswith("adapters.")}

    def _part(self, name: str) -> Callable[..., Any]:
        part = super()._part(name)
        if self.domain is None:
            return part
        weights = self.adapter(self.domain).weights(self, name)
        return lambda *inputs: functional_call(self.get_submodule(name), weights, inputs)
