"""lfae, dm -> a part of generated_clips."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.generation.listing import list_requests
from lfdm_pipeline.pipelines.generation_shard.nodes import generate_shard


def create_pipeline() -> Pipeline:
    """One machine's part of the clips; nothing is kept of it but the clips, which the generation pipeline seals."""
    return pipeline(
        [
            node(
                list_requests,
                inputs=["clip_table", "clips", "condition_vectors", "params:generation", "params:ingestion"],
                outputs="requests",
                name="list_requests",
            ),
            node(
                generate_shard,
                inputs=[
                    "lfae",
                    "dm",
                    "condition_vectors",
                    "requests",
                    "params:generation",
                    "params:shard",
                    "params:seed",
                    "params:device",
                    "generated_workspace",
                ],
                outputs=None,
                name="generate_shard",
            ),
        ]
    )
