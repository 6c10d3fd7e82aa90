"""raw_corpus -> clips."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.ingestion.nodes import ingest_clips, prepare_raw_corpus


def create_pipeline() -> Pipeline:
    """Frames, their table and a report of what was left out."""
    return pipeline(
        [
            node(
                prepare_raw_corpus,
                inputs=["raw_root", "params:source"],
                outputs="raw_corpus",
                name="prepare_raw_corpus",
            ),
            node(
                ingest_clips,
                inputs=["raw_corpus", "params:source", "params:ingestion", "clips_workspace"],
                outputs=["clips", "clip_table", "ingestion_report", "contact_sheet"],
                name="ingest_clips",
            ),
        ]
    )
