"""The published checkpoint format."""
