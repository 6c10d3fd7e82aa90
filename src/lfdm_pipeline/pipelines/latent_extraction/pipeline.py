"""lfae, clips -> latent_flows."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.latent_extraction.nodes import extract_flows


def create_pipeline() -> Pipeline:
    """Latent flows of every clip."""
    return pipeline(
        [
            node(
                extract_flows,
                inputs=[
                    "lfae",
                    "clip_table",
                    "clips",
                    "params:extraction",
                    "params:device",
                    "latent_flows_workspace",
                ],
                outputs="latent_flows",
                name="extract_flows",
            )
        ]
    )
