"""Checked parameters, and artifacts that know what they should be made from."""

import logging
import shlex
from collections.abc import Mapping
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

from lfdm_pipeline.allocator import keep_freed_memory
from lfdm_pipeline.datasets import (
    ArtifactDataset,
    KeptModelsDataset,
    PretrainedDataset,
    RawCorpusDataset,
    RunFactsDataset,
    WorkspaceDataset,
)
from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.named_models import STARTS
from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.errors import InputError, what_there_is
from lfdm_pipeline.experiments.writing import written
from lfdm_pipeline.hooks import new_domain
from lfdm_pipeline.hooks.clips import ClipCheck, clip_checks
from lfdm_pipeline.hooks.error_report import report_input_errors
from lfdm_pipeline.hooks.experiments import main_paths
from lfdm_pipeline.hooks.files import check_files
from lfdm_pipeline.hooks.finetuning import check_kept_method
from lfdm_pipeline.hooks.log_lines import keep_lines_whole
from lfdm_pipeline.hooks.parameters import check_parameters, path_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters, steps
from lfdm_pipeline.hooks.requests import check_requests
from lfdm_pipeline.hooks.shards import check_shards
from lfdm_pipeline.hooks.sharing import check_sharing
from lfdm_pipeline.hooks.sizes import check_sizes
from lfdm_pipeline.training.environment import launched

ALLOW_STALE = "allow_stale"
SHOWN = ("report", "showcase")
"""Artifacts that people look at."""


class ProjectHooks:
    """Checks the configuration first of all, then binds the catalog's artifacts to their lineage."""

    def __init__(self) -> None:
        self._parameters: dict[str, Any] = {}
        self._command = "kedro run"
        self._main_paths: dict[str, Path] = {}
        self._files: frozenset[str] = frozenset()
        self._commands: Mapping[str, str] = {}
        self._clip_checks: list[ClipCheck] = []
        self.lineage: Lineage | None = None

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Check every parameter of every pipeline, whichever of them are to run.

        Raises:
            InputError: what is wrong, on one line.
            SystemExit: this process only took part in another one's trainings, and these are over.
        """
        report_input_errors()
        keep_lines_whole()
        requested = pipelines._requested_pipelines
        # An earlier session of this process may have settled them for another environment.
        pipelines.configure(pipelines._pipelines_module)
        pipelines.set_requested(requested)
        given = _configured(context)
        declared = declared_parameters(pipelines)
        finetunes = bool(context.config_loader["globals"].get("pretrained_from"))
        taken_out = new_domain.settle(pipelines, finetunes=finetunes)
        _check_pipeline_names(requested or [], taken_out)
        self._parameters = check_parameters(given, declared)
        check_kept_method(self._parameters)
        if not finetunes:
            # Elsewhere the sizes are those of the model that another corpus has trained.
            check_sizes(self._parameters)
        self._files = frozenset(path_parameters(declared))
        self._command = _command(context.env, context._runtime_params or {})
        self._commands = new_domain.commands(Path(context.config_loader.conf_source))
        self._main_paths = main_paths(context)
        keep_freed_memory()
        _take_part_if_launched(self._parameters.get("device", "auto"))

    @hook_impl
    def after_catalog_created(self, catalog: DataCatalog) -> None:
        """Bind artifacts and workspaces to the lineage over all pipelines; fill in `parameters`."""
        catalog["parameters"] = self._parameters
        entries = dict(catalog.items())
        models = next((entry for entry in entries.values() if isinstance(entry, KeptModelsDataset)), None)
        if models is not None:
            _check_starts(models, entries, self._parameters)
        lineage = Lineage(
            steps=steps(pipelines),
            parameters=self._parameters,
            artifacts={name: entry for name, entry in entries.items() if isinstance(entry, ArtifactDataset)},
            sources={
                name: entry
                for name, entry in entries.items()
                if isinstance(entry, RawCorpusDataset | PretrainedDataset)
            },
            models=models,
            files=self._files,
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
            elif isinstance(entry, PretrainedDataset):
                entry.bind(name, self._commands)
        self.lineage = lineage

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Check what would end the run only later; tell the lineage which pipelines make entries now.

        Raises:
            ArtifactError: what another corpus has to make is not there; names the command that makes it.
            InputError: more than a part is to be made of a part, a picture's clips would take the place of scored ones,
                a training cannot be shared by so many processes, or a file is missing.
        """
        running = list(steps(pipelines, pipeline.nodes))
        check_shards(self._parameters, {step.pipeline for step in running})
        check_requests(pipeline.nodes, self._parameters, run_params.get("runtime_params") or {})
        for name in sorted(pipeline.inputs()):
            if isinstance(entry := catalog.get(name), PretrainedDataset):
                entry.require()
        if self.lineage is not None:
            self.lineage.start(running)
        missing_only = run_params.get("only_missing_outputs", False)
        nodes = [node for node in pipeline.nodes if not (missing_only and all(map(catalog.exists, node.outputs)))]
        check_sharing(nodes, self._parameters)
        check_files(nodes, self._parameters)
        self._clip_checks = clip_checks({node.name for node in nodes}, self._parameters)

    @hook_impl
    def before_node_run(self, inputs: dict[str, Any]) -> None:
        """Check the clips once they are known.

        Raises:
            InputError: there is nobody to animate, or no training clip has a label.
        """
        if "clip_table" in inputs:
            for check in self._clip_checks:
                check(inputs["clip_table"])

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Say where what people look at lies."""
        for name in SHOWN:
            if name in pipeline.all_outputs() and isinstance(entry := catalog.get(name), ArtifactDataset):
                logging.getLogger(__name__).info("%s: %s", name, entry.path)


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


def _check_starts(models: KeptModelsDataset, entries: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    given = flatten(parameters, "")
    for parameter, entry in STARTS.items():
        name = given.get(parameter)
        path = models.load().locate(name, entry) if name is not None else None
        if path is not None and path.resolve() == entries[entry].path.resolve():
            raise InputError(
                f"{parameter}: {name} is the very {entry} that is to be trained, and would be its own origin; "
                "give the one to train a name of its own: --params experiment=…"
            )


def _take_part_if_launched(device: str) -> None:
    """Under torchrun or srun meet the other processes; all but the first only take part in its trainings."""
    place = launched()
    if place is None:
        return
    from lfdm_pipeline.training.launched import crew

    met = crew(device)
    if met is not None and not met.world.leads:
        met.follow()
        raise SystemExit(0)


def _check_pipeline_names(names: list[str], taken_out: frozenset[str]) -> None:
    for name in names:
        if name in taken_out:
            raise InputError(
                f"pipeline {name} does not run where globals.yml sets pretrained_from: the model comes from another "
                f"corpus; there are: {', '.join(sorted(pipelines))}"
            )
        if name not in pipelines:
            raise InputError(f"pipeline {name} is unknown; {what_there_is(name, sorted(pipelines))}")


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
        command += ["--params", written(flatten(given, ""))]
    return shlex.join(command)
