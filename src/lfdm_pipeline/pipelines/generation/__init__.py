"""Clips from reference frames and labels."""
