"""What README's table says is made again after a change is what is."""

import copy
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.io.core import parse_dataset_definition

from lfdm_pipeline.datasets import ArtifactDataset
from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import Manifest
from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.hooks import new_domain
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import DEFAULT, declared_parameters, steps
from lfdm_pipeline.pipeline_registry import register_pipelines
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS

PROJECT = Path(__file__).parents[1]
RAW_FILE = "a raw file"
Nodes = set[tuple[str, ...]]


@dataclass(frozen=True)
class Kept:
    """An artifact without a file, in its own place or in that of the main experiment."""

    own: Manifest | None = None
    shared: Manifest | None = None
    format_version: int = 1

    def manifest(self) -> Manifest | None:
        return self.own

    def shared_manifest(self) -> Manifest | None:
        return self.shared


@dataclass(frozen=True)
class Raw:
    files: str

    def source_fingerprint(self) -> str | None:
        return self.files


def table() -> dict[tuple[str, ...], str]:
    """What is made again, by what changes: the two columns of README's table."""
    section = (PROJECT / "README.md").read_text().split("### What runs again\n")[1].split("\n## ")[0]
    cells = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return {tuple(change.strip(" `") for change in changes.split(",")): again for changes, again in cells}


TABLE = table()


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    """The project on the corpus that comes with it, before anything is made."""
    loader = OmegaConfigLoader(PROJECT / "conf", env="base", **CONFIG_LOADER_ARGS)
    pipelines = register_pipelines()
    declared = declared_parameters(pipelines)
    new_domain.settle(pipelines, finetunes=False)
    kinds = {name: parse_dataset_definition(entry)[0] for name, entry in loader["catalog"].items() if name[0] != "_"}
    return Lineage(
        steps=steps(pipelines),
        parameters=check_parameters(dict(loader["parameters"]), declared),
        artifacts={name: Kept() for name, kind in kinds.items() if issubclass(kind, ArtifactDataset)},
        sources={"raw_corpus": Raw("as they are")},
    )


@pytest.fixture(scope="module", params=["own", "shared"])
def made(request: pytest.FixtureRequest, lineage: Lineage) -> Lineage:
    """The same with everything made: by the experiment itself, or by the main one."""
    manifests = {name: Manifest.of(lineage.expected(name), mlflow_run_id=None) for name in lineage.artifacts}
    return replace(lineage, artifacts={name: Kept(**{request.param: manifests[name]}) for name in manifests})


@pytest.fixture(scope="module")
def default(lineage: Lineage) -> Nodes:
    """The nodes of `kedro run`, by the artifacts that each makes."""
    nodes = register_pipelines()[DEFAULT].nodes
    return {tuple(name for name in node.outputs if name in lineage.artifacts) for node in nodes} - {()}


def changed(lineage: Lineage, what: str) -> Lineage:
    if what == RAW_FILE:
        return replace(lineage, sources={"raw_corpus": Raw("another")})
    parameters: Any = copy.deepcopy(dict(lineage.parameters))
    group, (*groups, name) = parameters, what.split(".")
    for each in groups:
        group = group[each]
    group[name] = "another"
    return replace(lineage, parameters=parameters)


def said(again: str, nodes: Nodes) -> Nodes:
    """The nodes that a cell of the second column means."""
    words = again.strip().split(";")[0].split(":")[0]
    named = set(re.findall(r"`(\w+)`", words))
    assert named <= {name for node in nodes for name in node}
    those = {node for node in nodes if named & set(node)}
    if words.startswith("everything"):
        return nodes - those
    assert bool(those) != (words == "nothing")
    return those


def parameters_of(change: str, lineage: Lineage) -> list[str]:
    """Every single parameter that a change names, but for those that another row names more closely."""
    within = {other for changes in TABLE for other in changes if other.startswith(f"{change}.")}
    found = [
        name
        for name in flatten(lineage.parameters, "")
        if f"{name}.".startswith(f"{change}.") and not f"{name}.".startswith(tuple(f"{other}." for other in within))
    ]
    assert found, f"README names {change}, which is no parameter"
    # What is made with a shard is a part, which lies beside the whole.
    return [name for name in found if not name.endswith(".shard")]


@pytest.mark.parametrize("changes", TABLE, ids=", ".join)
def test_what_a_change_makes_again(made: Lineage, default: Nodes, changes: tuple[str, ...]) -> None:
    expected = said(TABLE[changes], default)
    for change in changes:
        for what in [change] if change == RAW_FILE else parameters_of(change, made):
            after = changed(made, what)
            assert {node for node in default if not all(map(after.is_current, node))} == expected, what


def test_every_parameter_is_in_the_table_once(lineage: Lineage) -> None:
    listed = [
        name for changes in TABLE for change in changes if change != RAW_FILE for name in parameters_of(change, lineage)
    ]
    assert sorted(listed) == sorted(name for name in flatten(lineage.parameters, "") if not name.endswith(".shard"))
