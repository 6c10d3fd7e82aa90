"""The arithmetic of a step, and what a device does unless told otherwise."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch.amp import GradScaler

from lfdm_pipeline.training.options import PrecisionName

_HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def resolved(precision: PrecisionName, device: torch.device) -> PrecisionName:
    """What `auto` means on a device."""
    if precision != "auto":
        return precision
    if device.type != "cuda":
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


class Precision:
    """Autocast, loss scale and tensor cores of one precision on one device."""

    def __init__(self, precision: PrecisionName, device: torch.device) -> None:
        self.name = resolved(precision, device)
        self.device = device
        # Disabled it scales by nothing and keeps no state.
        self.scaler = GradScaler(device.type, enabled=self.name == "fp16")

    def autocast(self) -> AbstractContextManager[None]:
        """Within, what gains by it computes in half precision, if that is the precision."""
        half = _HALVES.get(self.name)
        return torch.autocast(self.device.type, half or torch.bfloat16, enabled=half is not None)

    def can_lower_scale(self) -> bool:
        """Whether there is a loss scale that gradients may have overflowed by."""
        return self.scaler.is_enabled() and self.scaler.get_scale() > 1

    @contextmanager
    def tensor_cores(self) -> Iterator[None]:
        """Within, products and convolutions left in fp32 use TF32 on CUDA, unless the precision is fp32."""
        products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn.conv  # type: ignore[attr-defined]
        before = products.fp32_precision, convolutions.fp32_precision
        products.fp32_precision = convolutions.fp32_precision = "ieee" if self.name == "fp32" else "tf32"
        try:
            yield
        finally:
            products.fp32_precision, convolutions.fp32_precision = before
