"""Kedro pipelines: each a thin nodes.py and a pipeline.py."""
