"""Latent flows of every clip."""
