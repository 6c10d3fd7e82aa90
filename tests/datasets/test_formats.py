import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from lfdm_pipeline.datasets import (
    ConditionVectorsDataset,
    JsonDataset,
    ModelDataset,
    ModelsDataset,
    PictureDataset,
    TableDataset,
    TextDataset,
)
from lfdm_pipeline.hooks.error_report import input_error
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.options import Options


class TinyOptions(Options):
    width: int = 3


class Tiny(nn.Module):
    def __init__(self, options: TinyOptions) -> None:
        super().__init__()
        self.options = options
        self.layer = nn.Conv2d(options.width, 2, 3)
        self.norm = nn.BatchNorm2d(2)


MODEL = f"{__name__}.Tiny"


def test_table(tmp_path: Path) -> None:
    dataset = TableDataset(filepath=f"{tmp_path}/table.parquet")
    table = pd.DataFrame({"clip_id": ["a", "b"], "label": ["nod", None], "fps": [25.0, 30.0]}, index=["x", "y"])
    dataset.save(table)
    pd.testing.assert_frame_equal(dataset.load(), table)


def test_text(tmp_path: Path) -> None:
    dataset = TextDataset(filepath=f"{tmp_path}/report.html")
    dataset.save("<p>Fréchet</p>")
    assert dataset.load() == "<p>Fréchet</p>"


def test_picture(tmp_path: Path) -> None:
    dataset = PictureDataset(filepath=f"{tmp_path}/sheet.png")
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    dataset.save(picture)
    np.testing.assert_array_equal(dataset.load(), picture)


def test_json_takes_value_objects(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Report:
        kept: int
        options: TinyOptions

    dataset = JsonDataset(filepath=f"{tmp_path}/report.json")
    dataset.save(Report(3, TinyOptions()))
    assert dataset.load() == {"kept": 3, "options": {"width": 3}}


def test_model(tmp_path: Path) -> None:
    dataset = ModelDataset(filepath=f"{tmp_path}/model", model=MODEL)
    model = Tiny(TinyOptions(width=4)).to(memory_format=torch.channels_last)
    dataset.save(model)
    loaded = dataset.load()
    assert loaded.options == model.options
    assert not loaded.training
    assert loaded.state_dict().keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("weights.safetensors", b"broken"),
        ("config.json", b'{"width": "x"}'),
        ("config.json", b'{"width": 9}'),
    ],
)
def test_damaged_model_is_a_user_error(tmp_path: Path, file: str, content: bytes) -> None:
    dataset = ModelDataset(filepath=f"{tmp_path}/model", model=MODEL)
    dataset.save(Tiny(TinyOptions()))
    (tmp_path / "model" / file).write_bytes(content)
    with pytest.raises(Exception, match="holds no whole Tiny") as error:
        dataset.load()
    assert input_error(error.value) is not None


def test_condition_vectors(tmp_path: Path) -> None:
    dataset = ConditionVectorsDataset(filepath=f"{tmp_path}/vectors.safetensors")
    vectors = ConditionVectors(("nod", "größer"), torch.randn(2, 5))
    dataset.save(vectors)
    loaded = dataset.load()
    assert loaded.labels == vectors.labels
    torch.testing.assert_close(loaded.vectors, vectors.vectors, rtol=0, atol=0)


def test_datasets_travel_to_other_processes(tmp_path: Path) -> None:
    dataset = pickle.loads(pickle.dumps(JsonDataset(filepath=f"{tmp_path}/a.json")))
    dataset.save({})
    assert dataset.exists()


def test_models_by_name(tmp_path: Path) -> None:
    dataset = ModelsDataset(filepath=f"{tmp_path}/models", model=MODEL)
    networks = {"wide": Tiny(TinyOptions(width=5)), "narrow": Tiny(TinyOptions())}
    dataset.save(networks)
    loaded = dataset.load()
    assert loaded.keys() == networks.keys()
    for name, network in networks.items():
        assert loaded[name].options == network.options
        assert all(torch.equal(value, loaded[name].state_dict()[key]) for key, value in network.state_dict().items())
    dataset.save({"narrow": networks["narrow"]})
    assert list(dataset.load()) == ["narrow"]
