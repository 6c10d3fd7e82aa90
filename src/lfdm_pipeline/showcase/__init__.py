"""Grids, flow colours, video files: presentation only."""
