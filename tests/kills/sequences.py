"""Random changes of parameters and raw files."""

import os
import random
from pathlib import Path
from typing import Any

PARAMETERS: dict[str, Any] = {"size": 4, "gain": 1.0, "rate": 0.5, "frames": 1}
CHOICES: dict[str, list[Any]] = {"size": [4, 8], "gain": [1.0, 2.0], "rate": [0.5, 0.25, 0.125], "frames": [1, 2]}


def begin(raw: Path) -> dict[str, Any]:
    """The first configuration."""
    raw.mkdir()
    for number in range(3):
        _write(raw / f"{number}.txt", number + 1)
    return dict(PARAMETERS)


def change(parameters: dict[str, Any], raw: Path, rng: random.Random) -> None:
    """Change a parameter, or add, edit or remove a raw file."""
    kind = rng.choice([*CHOICES, "add", "edit", "remove"])
    files = sorted(raw.iterdir())
    if kind in CHOICES:
        parameters[kind] = rng.choice(CHOICES[kind])
    elif kind == "add" or len(files) == 1:
        _write(raw / f"{rng.randrange(6)}.txt", rng.randrange(1, 50))
    elif kind == "edit":
        _write(rng.choice(files), rng.randrange(1, 50))
    else:
        rng.choice(files).unlink()


def _write(path: Path, value: int) -> None:
    # Of one length always, and dated by what is in it: the same content is the same file in every sequence.
    path.write_text(f"{value:02d}")
    os.utime(path, (value, value))
