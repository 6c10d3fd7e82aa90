"""generated_clips, scores -> showcase, report."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.showcase.new_domain_nodes import make_new_domain_showcase, write_new_domain_report
from lfdm_pipeline.pipelines.showcase.nodes import make_showcase, write_report


def create_pipeline() -> Pipeline:
    """Videos, pictures and the report."""
    return pipeline(
        [
            node(
                make_showcase,
                inputs=[
                    "lfae",
                    "clip_table",
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
                    "clip_table",
                    "ingestion_report",
                    "showcase",
                    "comparisons",
                    "params:report",
                    "parameters",
                    "run_facts",
                ],
                outputs="report",
                name="write_report",
            ),
        ]
    )


def create_new_domain_pipeline() -> Pipeline:
    """What finetuning changed, beside each other."""
    return pipeline(
        [
            node(
                make_new_domain_showcase,
                inputs=[
                    "pretrained_lfae",
                    "finetuned_lfaes",
                    "lfae",
                    "clip_table",
                    "clips",
                    "old_clip_tables",
                    "old_clips",
                    "generated_table",
                    "generated_clips",
                    "run_facts",
                    "params:new_domain_showcase",
                    "showcase_workspace",
                ],
                outputs="showcase",
                name="make_new_domain_showcase",
            ),
            node(
                write_new_domain_report,
                inputs=[
                    "scores",
                    "domain_scores",
                    "finetuning_history",
                    "params:decoder_finetuning.methods",
                    "clip_table",
                    "ingestion_report",
                    "showcase",
                    "params:report",
                    "parameters",
                    "run_facts",
                ],
                outputs="report",
                name="write_new_domain_report",
            ),
        ]
    )
