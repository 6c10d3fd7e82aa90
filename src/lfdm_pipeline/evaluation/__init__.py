"""Fréchet distances, reconstruction, labels, motion: scores, never generates."""

from lfdm_pipeline.evaluation.frechet import frechet_distance

__all__ = ["frechet_distance"]
