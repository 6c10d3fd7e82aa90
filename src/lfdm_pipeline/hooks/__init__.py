"""What the project adds to a Kedro run: checked parameters, artifacts' lineage, the MLflow run, signals."""

from lfdm_pipeline.hooks.experiments import ProjectSession as ProjectSession
from lfdm_pipeline.hooks.locks import LockHooks as LockHooks
from lfdm_pipeline.hooks.project import ProjectHooks as ProjectHooks
from lfdm_pipeline.hooks.termination import TerminationHooks as TerminationHooks
from lfdm_pipeline.hooks.tracking import TrackingHooks as TrackingHooks
