"""clips -> lfae."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.lfae_training.nodes import train_lfae


def create_pipeline() -> Pipeline:
    """Stage one."""
    return pipeline(
        [
            node(
                train_lfae,
                inputs=[
                    "clip_table",
                    "clips",
                    "params:lfae.model",
                    "params:lfae.objective",
                    "params:lfae.data",
                    "params:lfae.region_training",
                    "params:lfae.training",
                    "params:seed",
                    "params:training",
                    "params:device",
                    "kept_models",
                    "lfae_workspace",
                    "run_log",
                ],
                outputs=["lfae", "lfae_history"],
                name="train_lfae",
            )
        ]
    )
