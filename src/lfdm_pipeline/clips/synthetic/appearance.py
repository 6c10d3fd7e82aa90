"""What a person and the place behind them look like, drawn from a family of looks."""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from lfdm_pipeline.clips.synthetic.ellipsoids import Ellipsoid, Point
from lfdm_pipeline.clips.synthetic.expression import FaceShape
from lfdm_pipeline.clips.synthetic.light import DAYLIGHT, Colour, Light

Range = tuple[float, float]
T = TypeVar("T")


def colours(*codes: str) -> tuple[Colour, ...]:
    """Colours by their hexadecimal codes."""
    return tuple((int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255) for code in codes)


@dataclass(frozen=True)
class Proportions:
    """Between what bounds the shapes of heads and faces vary; half widths of the picture, or of the face's plane."""

    head_width: Range = (0.49, 0.55)
    head_height: Range = (0.60, 0.65)
    nose: Range = (0.85, 1.25)
    eye_x: Range = (0.38, 0.43)
    eye_y: Range = (-0.14, -0.06)
    eye_width: Range = (0.20, 0.24)
    eye_height: Range = (0.15, 0.19)
    brow_y: Range = (-0.47, -0.42)
    mouth_y: Range = (0.60, 0.67)
    mouth_width: Range = (0.40, 0.48)


@dataclass(frozen=True)
class MouthColours:
    """What an opened mouth shows."""

    inside: Colour = (0.24, 0.05, 0.07)
    teeth: Colour = (0.96, 0.94, 0.90)
    tongue: Colour = (0.72, 0.28, 0.30)


@dataclass(frozen=True)
class Family:
    """A family of looks: the colours and styles that its people are drawn from."""

    skins: tuple[Colour, ...]
    hairs: tuple[Colour, ...]
    irises: tuple[Colour, ...]
    lips: tuple[Colour, ...]
    fabrics: tuple[Colour, ...]
    walls: tuple[Colour, ...]
    hair_styles: tuple[str, ...]
    """Names in `HAIR_STYLES`."""
    beards: tuple[str, ...]
    """none, stubble, full or moustache; one that is named more than once is more frequent."""
    fabric_patterns: tuple[str, ...]
    """plain, stripes, checks, dots."""
    wall_patterns: tuple[str, ...]
    """Names in `plate.WALLS`."""
    member: str = "person"
    """What one of them is called."""
    accents: tuple[Colour, ...] = ()
    """Second colours of walls; empty: those of the walls."""
    noses: tuple[Colour, ...] = ()
    """Colours of noses; empty: that of the skin."""
    markings: tuple[str, ...] = ("none",)
    """Names in `markings.MARKINGS`: what is drawn on the skin."""
    freckled: float = 0.35
    """Share of people with freckles."""
    proportions: Proportions = Proportions()
    mouth: MouthColours = MouthColours()
    light: Light = DAYLIGHT


PEOPLE = Family(
    skins=colours("f6d3bd", "eec0a2", "e0a987", "d09771", "b97b55", "9a6242", "7c4a31", "5f3826"),
    hairs=colours("17130f", "2c1d14", "4a2f1d", "6b4426", "96622f", "c79a4e", "e2c27a", "a33f1f", "8d8a86", "5a2a4a"),
    irises=colours("3b2412", "5b3a1c", "2f6f4f", "2b6ca3", "5a7f94", "6d6a2c"),
    lips=colours("c25b5b", "b3474f", "a04045", "cf7468", "8e3b3b"),
    fabrics=colours("27496d", "8c2f39", "2f6b4f", "d8a03d", "e8e3d9", "3a3a44", "6a4c93", "d96c4f", "4a90a4", "b5838d"),
    walls=colours("9fb8c8", "c9b79c", "a8c0a0", "d7c3c9", "7d8fa9", "b6a6ca", "e3d5b8", "8aa39b", "c58f7a", "6f7d8c"),
    hair_styles=("short", "short", "fringe", "long", "long", "bun", "curly", "buzz", "beanie"),
    beards=("none", "none", "none", "stubble", "full", "moustache"),
    fabric_patterns=("plain", "stripes", "checks", "dots"),
    wall_patterns=("clouds", "stripes", "tiles", "bokeh", "panels"),
)


@dataclass(frozen=True)
class HairStyle:
    """The shape of hair: a shell over the head where it grows, and what hangs or sits beside it."""

    thickness: float
    """Radius of the shell as a multiple of the head's."""
    front: float
    """Height of the hairline over the face, -1 at the crown, 0 at the middle of the head."""
    side: float
    """Height that the hair reaches beside the face; 1 is the chin."""
    neck: float = 0.55
    """Height that the hair reaches behind."""
    back: tuple[Ellipsoid, ...] = ()
    """Hair that is no part of the shell and hangs behind the neck, for a head of radii (1, 1, 1)."""
    tufts: tuple[Ellipsoid, ...] = ()
    """Solid pieces beside the shell, such as an animal's ears."""
    ears: bool = True
    """Whether the ears at the sides of the head are seen."""
    roughness: float = 0.05
    """Jaggedness of the hairline."""
    fabric: bool = False
    """Whether it is a cap rather than hair."""


def _pair(centre: Point, radii: Point) -> tuple[Ellipsoid, ...]:
    x, y, z = centre
    return tuple(Ellipsoid((side * x, y, z), radii) for side in (-1, 1))


_RIDGE = tuple(Ellipsoid((0, -0.98 + 0.10 * abs(z), z), (0.15, 0.32, 0.24)) for z in (-0.5, -0.15, 0.2))

HAIR_STYLES = {
    "short": HairStyle(1.09, front=-0.56, side=0.0),
    "fringe": HairStyle(1.10, front=-0.40, side=0.15, roughness=0.09),
    "long": HairStyle(1.09, front=-0.60, side=0.55, back=(Ellipsoid((0, 0.35, -0.45), (1.24, 1.12, 0.8)),)),
    "bun": HairStyle(1.06, front=-0.60, side=0.05, back=(Ellipsoid((0, -1.05, -0.25), (0.40, 0.30, 0.40)),)),
    "curly": HairStyle(1.22, front=-0.46, side=0.2, roughness=0.14),
    "buzz": HairStyle(1.03, front=-0.58, side=-0.08, roughness=0.02),
    "beanie": HairStyle(1.12, front=-0.44, side=-0.36, neck=-0.1, roughness=0.0, fabric=True),
    "bear": HairStyle(
        1.03, front=-0.80, side=-0.3, neck=0.3, tufts=_pair((0.72, -0.80, -0.05), (0.33, 0.31, 0.2)), ears=False
    ),
    "cat": HairStyle(
        1.03, front=-0.76, side=-0.3, neck=0.3, tufts=_pair((0.66, -0.92, -0.05), (0.24, 0.42, 0.16)), ears=False
    ),
    "rabbit": HairStyle(
        1.03, front=-0.82, side=-0.3, neck=0.3, tufts=_pair((0.36, -1.18, -0.1), (0.20, 0.58, 0.15)), ears=False
    ),
    "mohawk": HairStyle(1.02, front=-0.86, side=-0.5, neck=0.2, tufts=_RIDGE),
    "pigtails": HairStyle(
        1.07, front=-0.52, side=0.1, tufts=_pair((1.12, -0.12, -0.15), (0.30, 0.40, 0.3)), ears=False
    ),
}


@dataclass(frozen=True)
class Appearance:
    """A person's look; places and sizes in half widths of the picture."""

    skin: Colour
    hair: Colour
    iris: Colour
    lip: Colour
    fabric: Colour
    trim: Colour
    """Second colour of the clothes."""
    hair_style: str
    beard: str
    fabric_pattern: str
    radii: tuple[float, float, float]
    """Of the head."""
    brow_width: float
    freckles: float
    """How strong, 0 to 1."""
    blush: float
    parting: float
    """How much higher the hairline is on one side."""
    nose: float
    """Size as a multiple of the usual."""
    shoulders: float
    """Half the width of the shoulders."""
    seed: int
    """Of the fine texture."""
    face: FaceShape = field(default_factory=FaceShape)
    nose_colour: Colour | None = None
    """None: that of the skin."""
    marking: str = "none"
    mouth: MouthColours = MouthColours()
    light: Light = DAYLIGHT


@dataclass(frozen=True)
class Backdrop:
    """The wall behind a person."""

    colour: Colour
    accent: Colour
    pattern: str
    seed: int
    """Of the pattern's details."""


def draw_appearance(family: Family, rng: np.random.Generator) -> Appearance:
    """Draw a person."""
    skin = _choice(family.skins, rng)
    fabric, trim = (_varied(family.fabrics[i], rng) for i in rng.permutation(len(family.fabrics))[:2])
    size, among = rng.uniform(0.98, 1.06), family.proportions
    return Appearance(
        skin=_varied(skin, rng),
        hair=_varied(_choice(family.hairs, rng), rng),
        iris=_choice(family.irises, rng),
        lip=_mixed(_choice(family.lips, rng), skin, 0.25),
        fabric=fabric,
        trim=trim,
        hair_style=_choice(family.hair_styles, rng),
        beard=_choice(family.beards, rng),
        fabric_pattern=_choice(family.fabric_patterns, rng),
        radii=(size * rng.uniform(*among.head_width), size * rng.uniform(*among.head_height), size * 0.56),
        brow_width=rng.uniform(0.8, 1.5),
        freckles=float(rng.random() < family.freckled) * rng.uniform(0.5, 1.0),
        blush=rng.uniform(0.1, 0.5),
        parting=rng.uniform(-0.2, 0.2),
        nose=rng.uniform(*among.nose),
        shoulders=rng.uniform(0.72, 0.90),
        seed=int(rng.integers(2**31)),
        face=FaceShape(
            eye_x=rng.uniform(*among.eye_x),
            eye_y=rng.uniform(*among.eye_y),
            eye_width=rng.uniform(*among.eye_width),
            eye_height=rng.uniform(*among.eye_height),
            brow_y=rng.uniform(*among.brow_y),
            mouth_y=rng.uniform(*among.mouth_y),
            mouth_width=rng.uniform(*among.mouth_width),
        ),
        nose_colour=_choice(family.noses, rng) if family.noses else None,
        marking=_choice(family.markings, rng),
        mouth=family.mouth,
        light=family.light,
    )


def draw_backdrop(family: Family, rng: np.random.Generator) -> Backdrop:
    """Draw a wall."""
    colour, accent = (_varied(family.walls[i], rng) for i in rng.permutation(len(family.walls))[:2])
    if family.accents:
        accent = _choice(family.accents, rng)
    return Backdrop(colour, accent, _choice(family.wall_patterns, rng), int(rng.integers(2**31)))


def _choice(options: tuple[T, ...], rng: np.random.Generator) -> T:
    return options[int(rng.integers(len(options)))]


def _varied(colour: Colour, rng: np.random.Generator) -> Colour:
    red, green, blue = np.clip(np.asarray(colour) * rng.uniform(0.93, 1.07, 3), 0, 1).tolist()
    return red, green, blue


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = ((1 - share) * np.asarray(colour) + share * np.asarray(other)).tolist()
    return red, green, blue
