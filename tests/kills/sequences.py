"""Configurations and raw files that a user goes back and forth between."""

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "size": (4, 8),
    "gain": (1.0, 2.0),
    "rate": (0.5, 0.25),
    "frames": (1, 2),
}


@dataclass(frozen=True)
class World:
    """Parameters, and raw files by name with the number that each holds."""

    parameters: Mapping[str, Any]
    files: Mapping[str, int]

    def lay_out(self, raw: Path) -> None:
        """Let `raw` hold these files and no others."""
        raw.mkdir(exist_ok=True)
        for path in raw.iterdir():
            if path.name not in self.files:
                path.unlink()
        for name, value in self.files.items():
            # Of one length always, and dated by what is in it: the same content is the same file in every world.
            (raw / name).write_text(f"{value:02d}")
            os.utime(raw / name, (value, value))

    def changed(self, rng: random.Random) -> "World":
        """Another value of a parameter, or a raw file that is new, other or gone."""
        kind = rng.choice([*CHOICES, "add", "edit", "remove"])
        if kind in CHOICES:
            (other,) = (value for value in CHOICES[kind] if value != self.parameters[kind])
            return replace(self, parameters={**self.parameters, kind: other})
        if kind == "add" or len(self.files) == 1:
            return replace(self, files={**self.files, f"new{rng.randrange(3)}.txt": rng.randrange(1, 50)})
        name = rng.choice(sorted(self.files))
        if kind == "edit":
            return replace(self, files={**self.files, name: rng.randrange(50, 100)})
        return replace(self, files={each: value for each, value in self.files.items() if each != name})


FIRST = World({name: values[0] for name, values in CHOICES.items()}, {"a.txt": 1, "b.txt": 2, "c.txt": 3})


def worlds(rng: random.Random) -> list[World]:
    """A first world and two others, each a change or two away."""
    second = FIRST.changed(rng)
    return [FIRST, second, second.changed(rng)]
