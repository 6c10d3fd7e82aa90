"""Parts of an artifact, and who may make them."""

from collections.abc import Collection, Mapping
from typing import Any

from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.errors import InputError

PARTS = {"ingestion.shard": "ingestion", "extraction.shard": "latent_extraction"}
"""The pipeline that makes a part, by the parameter that asks for one."""


def check_shards(parameters: Mapping[str, Any], running: Collection[str]) -> None:
    """Make sure that nothing but a part is made where a part is asked for.

    Args:
        parameters: nested.
        running: names of the pipelines that are to run.

    Raises:
        InputError: another pipeline would go on from the part as if it were the whole.
    """
    given = flatten(parameters, "")
    for name, pipeline in PARTS.items():
        if given.get(name) is not None and set(running) != {pipeline}:
            raise InputError(
                f"{name} is {given[name]}: what else is to run would go on from that part alone; "
                f"add --pipelines {pipeline}, and leave {name} out of what comes after all parts"
            )
