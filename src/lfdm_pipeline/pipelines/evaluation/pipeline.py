"""lfae, generated_clips -> scores."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.evaluation.new_domain_nodes import (
    collect_domain_scores,
    compare_decoders,
    judge_decoders,
    score_generated,
)
from lfdm_pipeline.pipelines.evaluation.nodes import (
    collect_scores,
    judge_generated,
    look_at_generated,
    measure_fvd,
    reconstruct,
    train_probe,
)


def create_pipeline() -> Pipeline:
    """Scores; nothing here generates."""
    return pipeline(
        [
            node(
                train_probe,
                inputs=[
                    "clip_table",
                    "clips",
                    "params:probe.model",
                    "params:probe.data",
                    "params:probe.training",
                    "params:seed",
                    "params:training",
                    "params:device",
                    "probe_workspace",
                    "run_log",
                ],
                outputs=["probe", "probe_history"],
                name="train_probe",
            ),
            node(
                reconstruct,
                inputs=[
                    "lfae",
                    "clip_table",
                    "clips",
                    "latent_flows",
                    "raw_corpus",
                    "params:evaluation.reconstruction",
                    "params:device",
                ],
                outputs=["reconstruction_scores", "reconstruction_table"],
                name="reconstruct",
            ),
            node(
                judge_generated,
                inputs=[
                    "probe",
                    "clip_table",
                    "clips",
                    "latent_flows",
                    "generated_table",
                    "generated_clips",
                    "params:evaluation.probing",
                    "params:evaluation.bootstrap",
                    "params:seed",
                    "params:device",
                ],
                outputs=["generation_scores", "confusion", "real_confusion"],
                name="judge_generated",
            ),
            node(
                measure_fvd,
                inputs=[
                    "clip_table",
                    "clips",
                    "generated_table",
                    "generated_clips",
                    "params:evaluation.fvd",
                    "params:evaluation.bootstrap",
                    "params:seed",
                    "params:device",
                ],
                outputs="fvd_scores",
                name="measure_fvd",
            ),
            node(
                look_at_generated,
                inputs=[
                    "clip_table",
                    "clips",
                    "latent_flows",
                    "generated_table",
                    "generated_clips",
                    "params:evaluation.probing",
                ],
                outputs="look_scores",
                name="look_at_generated",
            ),
            node(
                collect_scores,
                inputs=[
                    "reconstruction_scores",
                    "generation_scores",
                    "fvd_scores",
                    "look_scores",
                    "generation_timing",
                ],
                outputs="scores",
                name="collect_scores",
            ),
        ]
    )


def create_new_domain_pipeline() -> Pipeline:
    """Scores of a finetuned LFAE; clips are judged by the probe of the corpus that has labels."""
    return create_pipeline().only_nodes("reconstruct") + pipeline(
        [
            node(
                compare_decoders,
                inputs=[
                    "pretrained_lfae",
                    "finetuned_lfaes",
                    "clip_table",
                    "clips",
                    "old_clip_tables",
                    "old_clips",
                    "run_facts",
                    "params:evaluation.reconstruction",
                    "params:device",
                ],
                outputs="decoder_reconstruction",
                name="compare_decoders",
            ),
            node(
                judge_decoders,
                inputs=[
                    "pretrained_lfae",
                    "finetuned_lfaes",
                    "pretrained_probe",
                    "pretrained_condition_vectors",
                    "generated_table",
                    "generated_clips",
                    "old_generated_tables",
                    "old_generated_clips",
                    "run_facts",
                    "params:evaluation.probing",
                    "params:device",
                ],
                outputs="decoder_accuracy",
                name="judge_decoders",
            ),
            node(
                score_generated,
                inputs=[
                    "generated_table",
                    "generated_clips",
                    "clip_table",
                    "latent_flows",
                    "params:evaluation.probing",
                ],
                outputs="generation_scores",
                name="score_generated",
            ),
            node(
                collect_domain_scores,
                inputs=[
                    "reconstruction_scores",
                    "generation_scores",
                    "generation_timing",
                    "decoder_reconstruction",
                    "decoder_accuracy",
                ],
                outputs=["scores", "domain_scores"],
                name="collect_domain_scores",
            ),
        ]
    )
