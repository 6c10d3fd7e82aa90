from lfdm_pipeline.cli import cli, run

__all__ = ["cli", "run"]
