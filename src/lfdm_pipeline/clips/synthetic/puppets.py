"""A second domain: puppets of felt on a stage at night."""

from lfdm_pipeline.clips.synthetic.appearance import Family, MouthColours, Proportions, colours
from lfdm_pipeline.clips.synthetic.light import Light

PUPPETS = Family(
    member="puppet",
    skins=colours("3aa6a0", "f0806a", "a78bd6", "8fd4a8", "6fb1e6", "e5b445", "e58fb5", "f09a4e", "b6c94f", "d7d2c8"),
    hairs=colours("f4d35e", "ee964b", "f95738", "5f2a62", "0d6e6e", "f7ede2", "d4477d", "3b3a7a", "7d4f2e", "9ad1d4"),
    irises=colours("f5b82e", "ff7f5c", "43c59e", "3da5d9", "b57cff", "7a4a21"),
    lips=colours("7b2d4e", "9c2f2f", "4a2a6b", "6b3a1e"),
    fabrics=colours("7d1d2d", "1f3a63", "135e4b", "c9a227", "f4e9cd", "5b2a86", "d1495b", "1b998b"),
    walls=colours("1c2541", "2d1e4f", "3c1b3a", "123047", "4d1626", "0f3b3a", "27234f"),
    accents=colours("f2c14e", "f78154", "b4436c", "5fad9a", "9fb8e8", "f4e3b2"),
    noses=colours("d62839", "20222c", "f2a541", "7b2d4e"),
    hair_styles=("bear", "cat", "rabbit", "mohawk", "pigtails", "curly", "beanie"),
    beards=("none",),
    fabric_patterns=("plain", "stripes", "checks", "dots"),
    wall_patterns=("curtain", "night", "hills", "lanterns"),
    markings=("felt", "muzzle", "patches", "bands", "seam"),
    freckled=0.0,
    proportions=Proportions(
        head_width=(0.53, 0.59),
        head_height=(0.54, 0.59),
        nose=(0.85, 1.15),
        eye_x=(0.40, 0.46),
        eye_y=(-0.16, -0.08),
        eye_width=(0.25, 0.29),
        eye_height=(0.22, 0.26),
        brow_y=(-0.60, -0.54),
        mouth_y=(0.60, 0.67),
        mouth_width=(0.44, 0.54),
    ),
    mouth=MouthColours(inside=(0.30, 0.06, 0.16), teeth=(0.52, 0.12, 0.22), tongue=(0.95, 0.55, 0.42)),
    light=Light((0.55, -0.5, 0.66), bright=(1.10, 1.02, 0.88), dim=(0.62, 0.66, 0.92), vignette=0.4),
)
