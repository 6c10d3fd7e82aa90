"""LFAE -> latent flows."""
