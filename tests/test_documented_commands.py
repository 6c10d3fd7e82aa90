"""What README and the pages under docs tell a person to type, and where they point, is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf

from lfdm_pipeline.cli import cli
from lfdm_pipeline.experiments.definition import find_experiment, read_experiments
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.pipeline_registry import register_pipelines
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS

PROJECT = Path(__file__).parents[1]
PAGES = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
TYPED = re.compile(r"(?:`|^|\.venv/bin/)(kedro (?:run|experiment|status|results)[^`\n]*)", re.MULTILINE)
OPTIONS = re.compile(r"`(--(?:env|params|pipelines|only-missing-outputs) [^`]*)`")
WALKED_THROUGH = {"pets": "own"}  # environments that a page tells how to make, by what they are copies of
Declared = dict[str, Any]


def commands() -> Iterator[str]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        yield from TYPED.findall(text)
        yield from (f"kedro run {options}" for options in OPTIONS.findall(text))


COMMANDS = sorted({" ".join(command.split()) for command in commands()})


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declared_parameters(register_pipelines())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command: str, declared: Declared) -> None:
    _, name, *typed = shlex.split(re.sub("…|<[^>]+>", "x", command.replace("--params …", "")), comments=True)
    given = cli.commands[name].make_context(name, typed).params
    env = WALKED_THROUGH.get(given["env"], given["env"]) or "base"
    assert (PROJECT / "conf" / env).is_dir()
    assert set(given.get("pipelines") or ()) <= register_pipelines().keys()
    loader = OmegaConfigLoader(PROJECT / "conf", env=env, **CONFIG_LOADER_ARGS)
    if given.get("name"):
        find_experiment(read_experiments(loader["experiments"]), given["name"])
    if parameters := dict(given.get("params") or {}):
        merged = OmegaConf.to_container(OmegaConf.merge(OmegaConf.create(loader["parameters"]), parameters))
        assert isinstance(merged, dict)
        check_parameters({str(key): value for key, value in merged.items()}, declared)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(<?([^)>]+)>?\)", page.read_text(encoding="utf-8")):
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert "://" in link or target.exists(), link
        assert not heading or "://" in link or heading in headings(target), link


def headings(page: Path) -> set[str]:
    """Names of a page's headings in links."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}
