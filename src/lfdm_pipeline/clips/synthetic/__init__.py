"""The corpus that comes with the project: procedural talking heads with exact ground truth."""
