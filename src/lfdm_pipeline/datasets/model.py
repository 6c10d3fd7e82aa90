"""Networks."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from lfdm_pipeline import atomic
from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.imports import import_object
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.kept_models import CONFIG, WEIGHTS
from lfdm_pipeline.storage import reading

if TYPE_CHECKING:
    from torch import nn


class ModelDataset(ArtifactDataset):
    """A network as a folder: `weights.safetensors` and the options it is built from, `config.json`.

    Args:
        model: import path of the network: a class that takes its options and keeps them as `.options`.
    """

    is_folder = True

    def __init__(self, *, filepath: str, model: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath=filepath, metadata=metadata)
        self._model = model

    def _read(self, path: Path) -> "nn.Module":
        return read_model(path, self._model)

    def _write(self, data: "nn.Module", path: Path) -> None:
        write_model(path, data)


def write_model(folder: Path, network: "nn.Module") -> None:
    """Keep a network in its folder."""
    from safetensors.torch import save_file

    weights = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in network.state_dict().items()}
    atomic.write_text(folder / CONFIG, network.options.model_dump_json(indent=2) + "\n")  # type: ignore[operator, union-attr]
    with atomic.replacing(folder / WEIGHTS) as temporary:
        save_file(weights, temporary)


def read_model(folder: Path, model: str) -> "nn.Module":
    """Build the network at import path `model` from its folder, in eval mode on the CPU.

    Raises:
        InputError: a file is damaged, or belongs to another network.
    """
    from safetensors.torch import load_file

    build = import_object(model)
    options = get_type_hints(build.__init__)["options"]
    try:
        network: nn.Module = build(options.model_validate(json.loads((folder / CONFIG).read_text(encoding="utf-8"))))
        with reading(folder / WEIGHTS) as weights:
            network.load_state_dict(load_file(weights))
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{folder} holds no whole {build.__name__}, delete it and make it again: {reason}") from error
    return network.eval()
