"""Which pipelines an environment has: those that train a model, or those that take one to a new domain."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path

import yaml
from kedro.pipeline import Pipeline

from lfdm_pipeline.datasets.pretrained import models_named
from lfdm_pipeline.hooks.pipelines import DEFAULT

NEW_DOMAIN = "new_domain"


def settle(pipelines: MutableMapping[str, Pipeline], *, finetunes: bool) -> frozenset[str]:
    """Leave the pipelines that the environment has, under their usual names.

    Args:
        pipelines: as registered, changed in place.
        finetunes: whether the environment builds on a model that another corpus has trained. What trains one is then
            taken out: it would make what `decoder_finetuning` makes.
    """
    line = pipelines.pop(NEW_DOMAIN, None)
    if line is None or not finetunes:
        return frozenset()
    registered = set(pipelines)
    for name in registered:
        part = line if name == DEFAULT else line.only_nodes_with_tags(name)
        if part.nodes:
            pipelines[name] = part
        else:
            del pipelines[name]
    return frozenset(registered - set(pipelines))


def commands(configurations: Path) -> Mapping[str, str]:
    """The command that makes everything of a corpus, by the corpus: its environment bears its name."""
    folders = configurations.iterdir() if configurations.is_dir() else ()
    return {path.name: f"kedro run --env {path.name}" for path in folders if path.is_dir() and path.name != "base"}


def environments_from(configurations: Path, corpus: str) -> list[str]:
    """The environments that take a model of this corpus, or one that grew from it, to a new domain."""
    found = []
    for path in sorted(configurations.glob("*/globals.yml")):
        names = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if corpus in {model.partition("/")[0] for model in models_named(names.get("pretrained_from"))}:
            found.append(path.parent.name)
    return found
