"""Grids, flow colours, video files, the report: presentation only."""
