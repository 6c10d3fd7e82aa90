"""A part of the clips to generate, on one of several machines."""
