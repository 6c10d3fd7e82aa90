"""Variants beside the main artifacts: `--params experiment=NAME`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.project import settings
from kedro.framework.session import KedroSession

from lfdm_pipeline.storage import to_path

EXPERIMENT, MAIN, SHARD = "experiment", "main", "shard"


def experiment_of(runtime_parameters: Mapping[str, Any] | None) -> str:
    """The experiment that a command names."""
    return str((runtime_parameters or {}).get(EXPERIMENT, MAIN))


def own_folder(experiment: str, *changes: Mapping[str, Any] | None) -> str:
    """What is added to a path where a variant makes something else than the main experiment: `/experiments/NAME`.

    Args:
        experiment: its name.
        changes: what its command says about it, by groups of parameters; None where it says nothing.
    """
    said = any((each or {}).keys() - {SHARD} for each in changes)
    return f"/experiments/{experiment}" if experiment != MAIN and said else ""


def main_paths(context: KedroContext) -> dict[str, Path]:
    """Where the main experiment has each entry of the catalog; nothing where that is the one that runs."""
    given = dict(context._runtime_params or {})
    if experiment_of(given) == MAIN:
        return {}
    loader = context.config_loader
    main = type(loader)(
        conf_source=loader.conf_source,
        env=loader.env,
        runtime_params={name: value for name, value in given.items() if name != EXPERIMENT},
        **settings.CONFIG_LOADER_ARGS,
    )
    entries = {name: entry for name, entry in main["catalog"].items() if "filepath" in entry}
    return {name: _absolute(entry["filepath"], context.project_path) for name, entry in entries.items()}


def _absolute(filepath: str, project: Path) -> Path:
    return to_path(filepath) if "://" in filepath else project / filepath


class ProjectSession(KedroSession):
    """A session in which a variant makes only what differs from the main experiment."""

    def run(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Run pipelines as Kedro does; a variant as with `--only-missing-outputs`."""
        if experiment_of(self.store.get("runtime_params")) != MAIN:
            options["only_missing_outputs"] = True
        return super().run(*arguments, **options)
