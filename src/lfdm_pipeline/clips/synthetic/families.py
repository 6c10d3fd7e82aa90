"""The families of looks that a corpus can be rendered with."""

from lfdm_pipeline.clips.synthetic.appearance import PEOPLE, Family
from lfdm_pipeline.clips.synthetic.puppets import PUPPETS

FAMILIES: dict[str, Family] = {"people": PEOPLE, "puppets": PUPPETS}
"""Families by name."""
