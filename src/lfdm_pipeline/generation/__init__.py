"""Weights + image + label -> clip."""
