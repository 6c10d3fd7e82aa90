import errno
import os
import sys
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError
from kedro.io import DatasetError

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.error_report import input_error, report_input_errors


def raised_from(cause: BaseException) -> DatasetError:
    error = DatasetError("Failed while saving data")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_refused_file_is_named_with_the_reason_and_the_way_out(number: int) -> None:
    said = str(input_error(raised_from(OSError(number, os.strerror(number), "/full/data/clips"))))
    assert said.startswith(f"cannot read or write /full/data/clips: {os.strerror(number)}; ")
    assert "--params data=" in said
    assert "\n" not in said


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(NotADirectoryError) as error:
        (tmp_path / "data" / "01_raw").mkdir()
    assert f"{tmp_path}/data/01_raw: Not a directory" in str(input_error(error.value))


def test_an_object_store_out_of_reach_says_what_it_lacks() -> None:
    said = str(input_error(raised_from(NoCredentialsError())))
    assert "Unable to locate credentials" in said
    assert "--params data=" in said


def test_what_the_program_says_itself_comes_first() -> None:
    own = InputError("lower it")
    own.__cause__ = PermissionError(errno.EACCES, "Permission denied", "/data")
    assert input_error(own) is own


@pytest.mark.parametrize("error", [ValueError("shape"), FileNotFoundError(2, "No such file", "a"), PermissionError(1)])
def test_other_errors_keep_their_traceback(error: Exception) -> None:
    assert input_error(error) is None


def test_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    report_input_errors()
    refused = PermissionError(errno.EACCES, "Permission denied", "/data")
    sys.excepthook(PermissionError, refused, None)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: cannot read or write /data: Permission denied; ")
