"""Settings of the Kedro project."""

import os

# Read by MLflow when it is imported; `.telemetry` says the same to Kedro.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from lfdm_pipeline.datasets.parts import part_folder
from lfdm_pipeline.hooks import LockHooks, ProjectHooks, ProjectSession, TerminationHooks, TrackingHooks
from lfdm_pipeline.hooks.experiments import own_folder
from lfdm_pipeline.hooks.requests import request_folder

HOOKS = (ProjectHooks(), TerminationHooks(), TrackingHooks(), LockHooks())
# TrackingHooks is kedro-mlflow's hook class with the project's needs added: registering both would log twice.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow",)
SESSION_CLASS = ProjectSession

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft", "experiments": "soft"},
    "config_patterns": {"mlflow": ["mlflow*", "mlflow*/**"], "experiments": ["experiments*", "experiments*/**"]},
    "custom_resolvers": {
        "request_folder": request_folder,
        "env": lambda name, otherwise: os.environ.get(name) or otherwise,
        "own_folder": own_folder,
        "part": part_folder,
    },
}
