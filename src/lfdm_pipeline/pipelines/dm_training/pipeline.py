"""latent_flows -> dm."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.dm_training.nodes import make_condition_vectors, train_dm


def create_pipeline() -> Pipeline:
    """Stage two."""
    return pipeline(
        [
            node(
                make_condition_vectors,
                inputs=["clip_table", "params:conditioning", "params:dm.model", "params:seed"],
                outputs="condition_vectors",
                name="make_condition_vectors",
            ),
            node(
                train_dm,
                inputs=[
                    "clip_table",
                    "clips",
                    "latent_flows",
                    "lfae",
                    "condition_vectors",
                    "params:dm.model",
                    "params:dm.objective",
                    "params:dm.data",
                    "params:dm.training",
                    "params:seed",
                    "params:training",
                    "params:device",
                    "kept_models",
                    "dm_workspace",
                    "run_log",
                ],
                outputs=["dm", "dm_history"],
                name="train_dm",
            ),
        ]
    )
