"""Schedule, guidance, samplers: maths over any denoiser."""
