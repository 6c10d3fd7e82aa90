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

from lfdm_pipeline.datasets import ArtifactDataset
from lfdm_pipeline.datasets.fingerprint import PARAMETER
from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.hooks.store import anchored
from lfdm_pipeline.storage import reading

PARAMETERS_A_CALL = 100
LONGEST_VALUE = 500


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
        """Remember which entries are to be logged."""
        super().after_catalog_created(catalog, conf_catalog, conf_creds, parameters, save_version, load_versions)
        self._logged = {
            name: entry
            for name, entry in catalog.items()
            if isinstance(entry, ArtifactDataset) and (entry.metadata or {}).get("mlflow")
        }

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Start the run and log the parameters of all its nodes."""
        super().before_pipeline_run(run_params, pipeline, catalog)
        names = run_params["pipeline_names"] or ["__default__"]
        mlflow.set_tags({**self._tags, "pipelines": ",".join(names)})
        values: dict[str, Any] = {}
        for name in sorted(pipeline.inputs()):
            if name.startswith(PARAMETER):
                values |= flatten(catalog.load(name), name.removeprefix(PARAMETER))
        items = [(name, str(value)[:LONGEST_VALUE]) for name, value in values.items()]
        for start in range(0, len(items), PARAMETERS_A_CALL):
            mlflow.log_params(dict(items[start : start + PARAMETERS_A_CALL]))

    @hook_impl
    def before_node_run(self, node: Node, catalog: DataCatalog, inputs: dict[str, Any], is_async: bool) -> None:
        """Open the run in a node's own thread; without its inputs, since parameters are logged already."""
        if mlflow.active_run() is None:
            super().before_node_run(node, catalog, {}, is_async)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Log what the catalog marks with `metadata: {mlflow: metrics}` or `{mlflow: artifact}`."""
        entry = self._logged.get(dataset_name)
        if entry is None or mlflow.active_run() is None:
            return
        if (entry.metadata or {})["mlflow"] == "metrics":
            mlflow.log_metrics(_numbers(data))
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
