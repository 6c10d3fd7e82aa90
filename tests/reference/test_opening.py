import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.reference.opening import open_tensors

STATE = {"generator": {"final.weight": torch.arange(300.0)}}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_both_of_torchs_formats_are_opened(tmp_path: Path, zipped: bool) -> None:
    torch.save(STATE, tmp_path / "a.pth", _use_new_zipfile_serialization=zipped)
    assert torch.equal(open_tensors(tmp_path / "a.pth")["generator"]["final.weight"], torch.arange(300.0))


def test_safetensors_are_opened_whatever_the_name(tmp_path: Path) -> None:
    save_file({"generator.final.weight": torch.ones(2)}, tmp_path / "a.pth")
    assert torch.equal(open_tensors(tmp_path / "a.pth")["generator.final.weight"], torch.ones(2))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def text(path: Path) -> None:
    path.write_text("<!DOCTYPE html><title>Too many downloads</title>")


def truncated_zip(path: Path) -> None:
    torch.save(STATE, path)
    cut(path)


def truncated_legacy(path: Path) -> None:
    torch.save(STATE, path, _use_new_zipfile_serialization=False)
    cut(path)


def truncated_safetensors(path: Path) -> None:
    save_file(STATE["generator"], path)
    cut(path)


def whole_module(path: Path) -> None:
    torch.save(nn.Linear(1, 1), path)


def program(path: Path) -> None:
    torch.jit.trace(nn.Linear(1, 1), torch.ones(1, 1)).save(str(path))


def plain_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"a": object()}))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "no published weights at"),
        (lambda path: path.mkdir(), "no published weights at"),
        (lambda path: path.write_bytes(b""), "it is empty"),
        (text, r"it begins with b'<!DOCTYPE"),
        (truncated_zip, "it is cut off or damaged"),
        (truncated_legacy, "it is cut off or damaged"),
        (truncated_safetensors, "cannot be read as a safetensors file"),
        (whole_module, r"it holds torch\.nn\.modules\.linear\.Linear, which only running"),
        (program, "it is a TorchScript program"),
        (plain_pickle, "it holds pickled objects that are no tensors"),
        (lambda path: torch.save([1, 2], path), "holds a list"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # torch's own, about the files that it is given here
def test_other_files_are_refused_in_one_line(tmp_path: Path, write: Callable[[Path], object], message: str) -> None:
    path = tmp_path / "published.pth"
    write(path)
    with pytest.raises(InputError, match=message) as error:
        open_tensors(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert "weights_only" not in str(error.value)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_code_in_a_file_is_not_run(tmp_path: Path, zipped: bool) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path(tmp_path / "ran").touch, ())

    path = tmp_path / "bad.pth"
    torch.save({**STATE, "example": Payload()}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError, match="nothing was run"):
        open_tensors(path)
    assert not (tmp_path / "ran").exists()
