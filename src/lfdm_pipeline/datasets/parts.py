"""Parts of a folder, each made by a run of its own (`shard=i/n`), and how the whole finds them."""

from pathlib import Path

from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST, Expected, Manifest

SHARD = ".shard"
"""How the names of parameters end that ask for a part."""
FOLDER = "shards"


def part_folder(shard: str | None) -> str:
    """What is added to the path of a folder's artifacts where only a part is made: `/shards/2_of_3` for `2/3`."""
    return f"/{FOLDER}/{shard.replace('/', '_of_')}" if shard else ""


def sealed_parts(whole: Path, expected: Expected) -> tuple[Path, ...]:
    """The finished parts beside the folder `whole` that were made as it should be, but for the shard.

    The manifest of a part says so: it is written when all of the part is there.
    """
    found = []
    for part in sorted((whole.parent / FOLDER).glob(f"*/{whole.name}"), key=str):
        manifest = Manifest.read(part / FOLDER_MANIFEST)
        if manifest is not None and _apart_from_the_shard(manifest) == _apart_from_the_shard(expected):
            found.append(part)
    return tuple(found)


def _apart_from_the_shard(made: Expected) -> tuple[object, ...]:
    parameters = {name: value for name, value in made.parameters.items() if not name.endswith(SHARD)}
    return made.entry, made.format_version, parameters, dict(made.inputs)
