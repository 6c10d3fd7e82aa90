"""lfae, dm -> files in the published layout."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.reference_export.nodes import export_dm, export_lfae


def create_pipeline() -> Pipeline:
    """Both stages, each by a node of its own: `--nodes export_lfae` writes one."""
    return pipeline(
        [
            node(export_lfae, inputs="lfae", outputs="exported_lfae", name="export_lfae"),
            node(export_dm, inputs="dm", outputs="exported_dm", name="export_dm"),
        ]
    )
