"""Raw files to clips."""
