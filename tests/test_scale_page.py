"""Every command and every file in docs/scale.md is one that would be taken."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.framework.cli.utils import _split_params
from omegaconf import OmegaConf

from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.hooks.shards import check_shards
from lfdm_pipeline.pipeline_registry import register_pipelines
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs/scale.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def jobs() -> list[dict[str, Any]]:
    return [job for block in blocks("yaml") for job in yaml.safe_load_all(block)]


def commands() -> list[str]:
    """Those in scripts, each between single quotes, and those of containers; the machine's number is 1."""
    found = [text for block in blocks("bash") for text in re.findall(r"'((?:srun )?kedro [^']*)'", block)]
    for job in jobs():
        found += job["spec"]["template"]["spec"]["containers"][0]["args"]
    return [re.sub(r"\$\(\([^)]*\)\)|\$\w+", "1", command.removeprefix("srun ")) for command in found]


def test_there_are_commands_for_every_stage() -> None:
    stages = {name for command in commands() for name in shlex.split(command)[5].split(",")}
    assert {"ingestion", "lfae_training", "latent_extraction", "dm_training", "generation", "evaluation"} <= stages


@pytest.mark.parametrize("command", commands())
def test_command_is_taken(command: str) -> None:
    program, run, env_option, env, pipelines_option, names, params_option, given = shlex.split(command)
    assert (program, run) == ("kedro", "run")
    assert (env_option, pipelines_option, params_option) == ("--env", "--pipelines", "--params")
    pipelines = register_pipelines()
    assert set(names.split(",")) <= set(pipelines)
    parameters = _split_params(None, None, given)
    loader = OmegaConfigLoader(PROJECT / "conf", env=env, runtime_params=parameters, **CONFIG_LOADER_ARGS)
    checked = check_parameters(dict(loader["parameters"]), declared_parameters(pipelines))
    check_shards(checked, names.split(","))
    assert loader["catalog"]["clips"]["filepath"].startswith("s3://lfdm/data/")


def test_trainings_divide_their_batches() -> None:
    for command in commands():
        *_, names, _, given = shlex.split(command)
        processes = OmegaConf.select(OmegaConf.create(_split_params(None, None, given)), "training.num_processes") or 1
        loader = OmegaConfigLoader(PROJECT / "conf", env="mug", **CONFIG_LOADER_ARGS)
        for stage in {"lfae_training", "dm_training"} & set(names.split(",")):
            options = loader["parameters"][stage.removesuffix("_training")]["training"]
            assert options["batch_size"] % processes == 0


@pytest.mark.parametrize("script", blocks("bash"))
def test_script_is_shell(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_files_are_what_they_say() -> None:
    assert {job["kind"] for job in jobs()} == {"Job"}
    (definition,) = map(json.loads, blocks("json"))
    assert definition["type"] == "container"


def rows() -> dict[str, list[str]]:
    """The tables of the section on a million hours, by what stands in their first column."""
    section = PAGE.split("## A million hours of video\n")[1]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {what: rest for what, *rest in cells}


def number(text: str) -> float:
    found = re.search(r"\d[\d,.]*(e\d+)?", text)
    assert found is not None, text
    return float(found[0].replace(",", ""))


def test_what_a_million_hours_takes_follows_from_the_rates_above_it() -> None:
    table = rows()

    def given(what: str) -> float:
        return number(next(cells for name, cells in table.items() if name.startswith(what))[1])

    seconds = 3600 * given("video")
    frames, clips = seconds * given("frames a second"), seconds / given("length of a clip")
    core, gpu = given("a core for an hour"), given("a GPU for an hour")
    tera, rate = 1e12, 1e3 * given("what a GPU sustains")
    computed = {
        "raw video: ": (seconds * given("raw video") * 1e6 / 8 / tera, given("a TB for a month")),
        "frames: ": (frames * given("a frame kept") / tera, given("a TB for a month")),
        "latent flows: ": (frames * given("a frame's latent flow") / tera, given("a TB for a month")),
        "ingestion: ": (frames / given("ingestion of H.264") / 3600, core),
        "writes: ": (6 * clips, given("a million writes") / 1e6),
        "stage one as": (46_500 * 100 * given("a step of stage one") / rate / 3600, gpu),
        "extraction on GPUs": (frames * given("extraction") / rate / 3600, gpu),
        "extraction on CPUs instead": (frames / given("extraction on CPUs") / 3600, core),
        "stage two as": (111_600 * 5 * given("a step of stage two") / rate / 3600, gpu),
        "stage two, every": (clips * given("a step of stage two") / rate / 3600, gpu),
    }
    for what, (amount, price) in computed.items():
        said = next(cells for name, cells in table.items() if name.startswith(what))
        assert [number(cell) for cell in said] == pytest.approx([amount, amount * price], rel=0.03), what
