"""The device a stage runs on."""

import torch

from lfdm_pipeline.errors import InputError


def pick_device(name: str) -> torch.device:
    """`auto` takes CUDA, then Apple's MPS, then the CPU; any other name is taken at its word.

    Raises:
        InputError: the named device is unknown or absent.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except Exception as error:
        raise InputError(f"device: '{name}' cannot be used here ({error}); choose auto, cpu, cuda or mps") from error
    return device
