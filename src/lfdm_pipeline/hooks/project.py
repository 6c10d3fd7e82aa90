"""Checked parameters, and artifacts that know what they should be made from."""

import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kedro.config import MissingConfigException
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.framework.project import PACKAGE_NAME, pipelines, settings
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from lfdm_pipeline.datasets import ArtifactDataset, RawCorpusDataset, RunFactsDataset, WorkspaceDataset
from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.error_report import report_input_errors
from lfdm_pipeline.hooks.experiments import main_paths
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters, steps

ALLOW_STALE = "allow_stale"


class ProjectHooks:
    """Checks the configuration first of all, then binds the catalog's artifacts to their lineage."""

    def __init__(self) -> None:
        self._parameters: dict[str, Any] = {}
        self._command = "kedro run"
        self._main_paths: dict[str, Path] = {}
        self.lineage: Lineage | None = None

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Check every parameter of every pipeline, whichever of them are to run.

        Raises:
            InputError: what is wrong, on one line.
        """
        report_input_errors()
        requested = pipelines._requested_pipelines or []
        _check_pipeline_names(requested)
        given = _configured(context)
        self._parameters = check_parameters(given, declared_parameters(pipelines))
        self._command = _command(context.env, context._runtime_params or {})
        self._main_paths = main_paths(context)

    @hook_impl
    def after_catalog_created(self, catalog: DataCatalog) -> None:
        """Bind artifacts and workspaces to the lineage over all pipelines; fill in `parameters`."""
        catalog["parameters"] = self._parameters
        entries = dict(catalog.items())
        lineage = Lineage(
            steps=steps(pipelines),
            parameters=self._parameters,
            artifacts={name: entry for name, entry in entries.items() if isinstance(entry, ArtifactDataset)},
            sources={name: entry for name, entry in entries.items() if isinstance(entry, RawCorpusDataset)},
            command=self._command,
            allow_stale=self._parameters.get(ALLOW_STALE, False),
        )
        for name, entry in entries.items():
            if isinstance(entry, ArtifactDataset):
                entry.bind(name, lineage)
                if self._main_paths.get(name, entry.path) != entry.path:
                    entry.share(self._main_paths[name])
            elif isinstance(entry, WorkspaceDataset):
                entry.bind(lineage)
            elif isinstance(entry, RunFactsDataset):
                entry.bind(self._command)
        self.lineage = lineage

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Tell the lineage which of several pipelines that can make an entry makes it now."""
        if self.lineage is not None:
            self.lineage.start(steps(pipelines, pipeline.nodes))


def lineage_of(project: Path, env: str | None, runtime_parameters: Mapping[str, Any]) -> Lineage:
    """What every artifact of the project should be made from, without a run or its MLflow store.

    Raises:
        InputError: the configuration is wrong.
    """
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(project / settings.CONF_SOURCE),
        env=env,
        runtime_params=dict(runtime_parameters),
        **settings.CONFIG_LOADER_ARGS,
    )
    hooks, manager = ProjectHooks(), _create_hook_manager()
    manager.register(hooks)
    context = settings.CONTEXT_CLASS(
        project_path=project,
        config_loader=loader,
        env=env,
        package_name=PACKAGE_NAME,
        hook_manager=manager,
        runtime_params=dict(runtime_parameters),
    )
    hooks.after_context_created(context)
    _ = context.catalog
    assert hooks.lineage is not None
    return hooks.lineage


def _check_pipeline_names(names: list[str]) -> None:
    for name in names:
        if name not in pipelines:
            near = get_close_matches(name, pipelines, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(pipelines))}"
            raise InputError(f"pipeline {name} is unknown; {hint}")


def _configured(context: KedroContext) -> dict[str, Any]:
    loader = context.config_loader
    folder = Path(loader.conf_source)
    if context.env and folder.is_dir() and not (folder / context.env).is_dir():
        there = sorted(path.name for path in folder.iterdir() if path.is_dir())
        raise InputError(f"configuration {context.env} is unknown; there are: {', '.join(there)}")
    try:
        return dict(loader["parameters"])
    except (MissingConfigException, OmegaConfBaseException, YAMLError, ValueError) as error:
        raise InputError(f"configuration in {folder}: {' '.join(str(error).split())}") from error


def _command(env: str | None, runtime_parameters: Mapping[str, Any]) -> str:
    command = ["kedro", "run"]
    if env:
        command += ["--env", env]
    # What is to be mended is not to be put up with.
    given = {name: value for name, value in runtime_parameters.items() if name != ALLOW_STALE}
    if given:
        command += ["--params", ",".join(f"{name}={value}" for name, value in flatten(given, "").items())]
    return shlex.join(command)
