"""lfae, dm -> generated_clips."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.generation.listing import list_requests
from lfdm_pipeline.pipelines.generation.nodes import generate


def create_pipeline() -> Pipeline:
    """Clips from reference frames and labels."""
    return pipeline(
        [
            node(
                list_requests,
                inputs=["clip_table", "clips", "condition_vectors", "params:generation", "params:ingestion"],
                outputs="requests",
                name="list_requests",
            ),
            node(
                generate,
                inputs=[
                    "lfae",
                    "dm",
                    "condition_vectors",
                    "requests",
                    "params:generation",
                    "params:seed",
                    "params:device",
                    "generated_workspace",
                ],
                outputs=["generated_clips", "generated_table", "generation_timing"],
                name="generate",
            ),
        ]
    )


def create_new_domain_pipeline() -> Pipeline:
    """The same with the DM, and hence the labels, of the corpus that it was trained on."""
    return pipeline(
        create_pipeline(), inputs={"dm": "pretrained_dm", "condition_vectors": "pretrained_condition_vectors"}
    )
