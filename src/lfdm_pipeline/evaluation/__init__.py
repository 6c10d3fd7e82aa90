"""Fréchet distances, reconstruction, timing: scores, never generates."""
