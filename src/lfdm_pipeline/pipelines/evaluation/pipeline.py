"""lfae, generated_clips -> scores."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.evaluation.nodes import collect_scores, judge_generated, reconstruct, train_probe


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
                    "params:device",
                ],
                outputs=["generation_scores", "confusion", "real_confusion"],
                name="judge_generated",
            ),
            node(
                collect_scores,
                inputs=["reconstruction_scores", "generation_scores", "generation_timing"],
                outputs="scores",
                name="collect_scores",
            ),
        ]
    )
