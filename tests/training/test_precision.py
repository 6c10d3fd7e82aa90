import pytest
import torch
from torch import nn

from lfdm_pipeline.training.precision import Precision, resolved

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("auto", torch.float32),
        ("fp32", torch.float32),
        ("tf32", torch.float32),
        ("bf16", torch.bfloat16),
        ("fp16", torch.float16),
    ],
)
def test_products_are_computed_in_the_precision(name, dtype) -> None:
    precision = Precision(name, CPU)
    with precision.autocast():
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == dtype
    assert precision.scaler.is_enabled() == (name == "fp16")


def test_auto_depends_on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolved("auto", CPU) == resolved("auto", torch.device("mps")) == "fp32"
    for has_bf16, expected in ((True, "bf16"), (False, "fp16")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, has=has_bf16: has)
        assert resolved("auto", torch.device("cuda")) == expected


@pytest.mark.parametrize(("name", "expected"), [("fp32", "ieee"), ("tf32", "tf32"), ("bf16", "tf32")])
def test_tensor_cores_are_used_unless_fp32_is_asked_for(name, expected) -> None:
    matmul, convolution = torch.backends.cuda.matmul, torch.backends.cudnn.conv
    before = matmul.fp32_precision, convolution.fp32_precision
    with Precision(name, CPU).tensor_cores():
        assert (matmul.fp32_precision, convolution.fp32_precision) == (expected, expected)
    assert (matmul.fp32_precision, convolution.fp32_precision) == before
