"""Published files -> lfae, dm."""

from kedro.pipeline import Pipeline, node, pipeline

from lfdm_pipeline.pipelines.reference_import.nodes import import_dm, import_lfae, require_file


def create_pipeline() -> Pipeline:
    """Published weights in place of trained ones; the histories of a training are left empty."""
    return pipeline(
        [
            node(
                require_file,
                inputs=["params:reference.lfae", "params:reference.dm"],
                outputs=None,
                name="require_published_file",
            ),
            node(
                import_lfae,
                inputs=["params:reference.lfae", "params:lfae.model"],
                outputs=["lfae", "lfae_history"],
                name="import_lfae",
            ),
            node(
                import_dm,
                inputs=["params:reference.dm", "params:dm.model", "params:conditioning"],
                outputs=["dm", "dm_history"],
                name="import_dm",
            ),
        ]
    )
