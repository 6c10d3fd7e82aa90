"""pretrained_lfae, clips -> finetuned_lfaes -> lfae."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.decoder_finetuning.nodes import finetune_decoders, keep_one


def create_pipeline() -> Pipeline:
    """Stage one for a new domain."""
    return pipeline(
        [
            node(
                finetune_decoders,
                inputs=[
                    "clip_table",
                    "clips",
                    "pretrained_lfae",
                    "old_clip_tables",
                    "old_clips",
                    "run_facts",
                    "params:lfae.objective",
                    "params:lfae.data",
                    "params:decoder_finetuning.methods",
                    "params:decoder_finetuning.training",
                    "params:seed",
                    "params:training",
                    "params:device",
                    "finetuning_workspace",
                    "run_log",
                ],
                outputs=["finetuned_lfaes", "finetuning_history"],
                name="finetune_decoders",
            ),
            node(
                keep_one,
                inputs=["finetuned_lfaes", "params:decoder_finetuning.keep"],
                outputs="lfae",
                name="keep_one",
            ),
        ]
    )
