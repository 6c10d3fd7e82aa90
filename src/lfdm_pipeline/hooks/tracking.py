"""The MLflow run: where it is kept, and what is logged beside a node's own curves."""

import atexit
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import mlflow
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro_mlflow.framework.hooks.mlflow_hook import MlflowHook
from mlflow.entities import Run

from lfdm_pipeline.datasets import ArtifactDataset, WorkspaceDataset
from lfdm_pipeline.datasets.fingerprint import PARAMETER
from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.hooks.store import anchored
from lfdm_pipeline.hooks.unfinished import log_parameters, mark_made, mark_making, unfinished_run
from lfdm_pipeline.storage import reading

LONGEST_VALUE = 500
LONGEST_TAG = 5000


class TrackingHooks(MlflowHook):
    """kedro-mlflow's hooks, with flat parameters and a store that does not follow the current directory."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Set up the store, then the experiment."""
        loader = context.config_loader
        loader["mlflow"] = anchored(loader["mlflow"], context.project_path)
        self._tags = {
            "corpus": loader["globals"]["corpus"],
            "experiment": (context._runtime_params or {}).get("experiment", "main"),
        }
        super().after_context_created(context)

    @hook_impl
    def after_catalog_created(
        self,
        catalog: DataCatalog,
        conf_catalog: dict[str, Any],
        conf_creds: dict[str, Any],
        parameters: dict[str, Any],
        save_version: str,
        load_versions: dict[str, str],
    ) -> None:
        """Remember which entries are to be logged, and which are folders that others are made in."""
        super().after_catalog_created(catalog, conf_catalog, conf_creds, parameters, save_version, load_versions)
        self._logged = {
            name: entry
            for name, entry in catalog.items()
            if isinstance(entry, ArtifactDataset) and (entry.metadata or {}).get("mlflow")
        }
        self._workspaces = {name: entry for name, entry in catalog.items() if isinstance(entry, WorkspaceDataset)}

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Start a run, or go on with the one whose artifacts are still being made; log the parameters of all nodes."""
        values: dict[str, Any] = {}
        for name in sorted(pipeline.inputs()):
            if name.startswith(PARAMETER):
                values |= flatten(catalog.load(name), name.removeprefix(PARAMETER))
        parameters = {name: str(value)[:LONGEST_VALUE] for name, value in values.items()}
        unfinished = self._unfinished(pipeline, catalog, parameters)
        if unfinished is not None:
            self.mlflow_config.tracking.run.id = unfinished.info.run_id
        super().before_pipeline_run(run_params, pipeline, catalog)
        names = run_params["pipeline_names"] or ["__default__"]
        mlflow.set_tags({**self._tags, "pipelines": ",".join(names)})
        log_parameters(parameters, unfinished.data.params if unfinished else {})

    def _unfinished(self, pipeline: Pipeline, catalog: DataCatalog, parameters: dict[str, str]) -> Run | None:
        if self._already_active_mlflow:
            return None
        workspaces = [self._workspaces[name] for name in pipeline.inputs() if name in self._workspaces]
        making = {each.serves: each.identity() for each in workspaces if not catalog.exists(each.serves)}
        experiment = self.mlflow_config.tracking.experiment._experiment.experiment_id
        return unfinished_run(experiment, making, parameters)

    @hook_impl
    def before_node_run(self, node: Node, catalog: DataCatalog, inputs: dict[str, Any], is_async: bool) -> None:
        """Open the run in a node's own thread; without its inputs, since parameters are logged already."""
        if mlflow.active_run() is None:
            super().before_node_run(node, catalog, {}, is_async)
        if mlflow.active_run() is not None:
            for name in inputs.keys() & self._workspaces.keys():
                mark_making(self._workspaces[name].serves, inputs[name].identity)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Log what the catalog marks with `metadata: {mlflow: metrics}` or `{mlflow: artifact}`."""
        if mlflow.active_run() is None:
            return
        if any(workspace.serves == dataset_name for workspace in self._workspaces.values()):
            mark_made(dataset_name)
        entry = self._logged.get(dataset_name)
        if entry is None:
            return
        if (entry.metadata or {})["mlflow"] == "metrics":
            mlflow.log_metrics(_numbers(data))
            mlflow.set_tags({name: value[:LONGEST_TAG] for name, value in data.items() if isinstance(value, str)})
        else:
            for path, folder in _files(entry, dataset_name):
                with reading(path) as file:
                    mlflow.log_artifact(str(file), folder)


def _files(entry: ArtifactDataset, name: str) -> Iterator[tuple[Path, str | None]]:
    """The files of an entry, each with the folder of the run that it belongs in."""
    if not entry.is_folder:
        yield entry.path, None
        return
    for path in entry.path.rglob("[!.]*"):
        if path.is_file():
            yield path, PurePosixPath(name, path.relative_to(entry.path).as_posix()).parent.as_posix()


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def _mark_interrupted() -> None:
    # kedro-mlflow ends a run that finished or failed; one still active at exit was stopped by the user.
    if mlflow.active_run() is not None:
        mlflow.end_run("KILLED")


# Registered after MLflow's own handler, which would end the run as finished: the last registered runs first.
atexit.register(_mark_interrupted)
