"""Class-conditional image-to-video generation with latent flow diffusion models (Ni et al., CVPR 2023)."""

__version__ = "0.1.0"
