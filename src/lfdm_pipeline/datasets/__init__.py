"""Kedro dataset classes: file formats and fingerprints."""
