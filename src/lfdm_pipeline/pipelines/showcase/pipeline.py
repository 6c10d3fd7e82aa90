"""generated_clips, scores -> showcase, report."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.showcase.nodes import make_showcase, write_report


def create_pipeline() -> Pipeline:
    """Videos, pictures and the report."""
    return pipeline(
        [
            node(
                make_showcase,
                inputs=[
                    "lfae",
                    "generated_table",
                    "generated_clips",
                    "params:showcase",
                    "showcase_workspace",
                ],
                outputs="showcase",
                name="make_showcase",
            ),
            node(
                write_report,
                inputs=[
                    "scores",
                    "lfae_history",
                    "dm_history",
                    "probe_history",
                    "confusion",
                    "real_confusion",
                    "ingestion_report",
                    "showcase",
                    "params:report",
                    "parameters",
                    "run_facts",
                ],
                outputs="report",
                name="write_report",
            ),
        ]
    )
