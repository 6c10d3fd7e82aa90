"""Losses: small callables that receive the networks."""
