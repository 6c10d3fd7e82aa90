"""Model sizes -> timing_scores."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.timing.nodes import time_generation


def create_pipeline() -> Pipeline:
    """How long a clip takes here; needs no trained model."""
    return pipeline(
        [
            node(
                time_generation,
                inputs=["params:lfae.model", "params:dm.model", "params:timing", "params:device"],
                outputs="timing_scores",
                name="time_generation",
            )
        ]
    )
