"""What the model does to each frame: reference, warp, flow, occlusion, result (Figure A1 of the paper)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lfdm_pipeline.showcase.colours import flow_colours, wheel_picture
from lfdm_pipeline.showcase.lettering import FAINT_INK, GROUND, INK, Face
from lfdm_pipeline.showcase.mesh import warped_mesh
from lfdm_pipeline.showcase.pictures import Clip, Picture, enlarge, factor_for, filmstrip

CELL = 128  # pixels a still is brought to at least
MARGIN, GAP, ROW_GAP = 24, 6, 14
CAPTION_WIDTH = 230
HEAD, CAPTION, NOTE = Face(16), Face(20, bold=True), Face(16)
WHEEL = 56


@dataclass(frozen=True)
class MovedClip:
    """How a reference frame became a clip.

    Shapes: `reference` uint8 (H, W, 3); `warped` and `result` uint8 (T, H, W, 3); `displacement` (T, 2, h,
    w), backward flow minus identity grid in [-1, 1] units; `occlusion` (T, 1, h, w) in [0, 1], 1 where the
    warped frame is kept.
    """

    reference: Picture
    warped: Clip
    displacement: NDArray[np.floating]
    occlusion: NDArray[np.floating]
    result: Clip


@dataclass(frozen=True)
class _Row:
    caption: str
    note: str
    strip: Picture
    wheel: bool = False


def largest_motion(clip: MovedClip) -> float:
    """The longest flow of a clip in pixels of its frames, and no less than one."""
    # Below one pixel there is no motion to see, only noise to magnify.
    return max(float(np.linalg.norm(_drawn_motion(clip, clip.displacement), axis=-1).max()) / _enlargement(clip), 1.0)


def flow_panels(clip: MovedClip, full: float, columns: int = 6) -> Picture:
    """Draw the stages of a clip: one row a stage, one column a frame.

    Args:
        clip: what is drawn.
        full: motion in pixels that is drawn in full colour: one for all pictures that are to be compared.
        columns: how many frames, spread evenly over the clip.
    """
    chosen = np.linspace(0, len(clip.result) - 1, columns).round().astype(int)
    factor, motion = _enlargement(clip), _drawn_motion(clip, clip.displacement[chosen])
    occlusion = _shades(clip.occlusion[chosen, 0], *motion.shape[1:3])
    rows = [
        _row(
            "reference",
            "the only picture given",
            np.repeat(enlarge(clip.reference, factor)[None], columns, 0),
        ),
        _row(
            "backward flow",
            f"where a pixel is taken from; full colour: {full:.1f} px",
            flow_colours(motion, full * factor * 1.001),
            wheel=True,
        ),
        _row("warped grid", "the same flow", np.stack([warped_mesh(frame) for frame in motion])),
        _row("warped reference", "moved by the flow alone", _enlarged(clip.warped[chosen], factor)),
        _row("occlusion map", "white: kept, black: repainted", occlusion),
        _row("result", "after the decoder", _enlarged(clip.result[chosen], factor)),
    ]
    return _draw(rows, [f"frame {index}" for index in chosen])


def pixel_motion(displacement: NDArray[np.floating], height: int, width: int) -> NDArray[np.float32]:
    """Enlarge displacement (T, 2, h, w) in [-1, 1] units to vectors (T, height, width, 2) in pixels."""
    scale = (np.array([width, height], np.float32) - 1) / 2
    planes = displacement.astype(np.float32).transpose(0, 2, 3, 1)
    return np.stack([scale * cv2.resize(plane, (width, height)) for plane in planes])


def _enlargement(clip: MovedClip) -> int:
    return factor_for(clip.reference.shape[0], CELL)


def _drawn_motion(clip: MovedClip, displacement: NDArray[np.floating]) -> NDArray[np.float32]:
    height, width = clip.reference.shape[:2]
    return pixel_motion(displacement, height * _enlargement(clip), width * _enlargement(clip))


def _shades(maps: NDArray[np.floating], height: int, width: int) -> Clip:
    enlarged = [cv2.resize(m.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) for m in maps]
    return np.repeat((np.stack(enlarged).clip(0, 1) * 255).round().astype(np.uint8)[..., None], 3, axis=-1)


def _enlarged(clip: Clip, factor: int) -> Clip:
    return np.stack([enlarge(frame, factor) for frame in clip])


def _row(caption: str, note: str, frames: Clip, wheel: bool = False) -> _Row:
    return _Row(caption, note, filmstrip(list(frames), GAP, GROUND), wheel)


def _draw(rows: list[_Row], heads: list[str]) -> Picture:
    height, width = rows[0].strip.shape[:2]
    top, pitch = MARGIN + 24, height + ROW_GAP
    size = (2 * MARGIN + CAPTION_WIDTH + width, top + len(rows) * pitch - ROW_GAP + MARGIN)
    image = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(image)
    cell = (width + GAP) / len(heads)
    for number, head in enumerate(heads):
        centre = MARGIN + CAPTION_WIDTH + number * cell + (cell - GAP) / 2
        HEAD.write(draw, (centre, MARGIN), [head], FAINT_INK, "ma")
    for number, row in enumerate(rows):
        image.paste(Image.fromarray(row.strip), (MARGIN + CAPTION_WIDTH, top + number * pitch))
        _caption(image, draw, row, top + number * pitch, height)
    return np.array(image)


def _caption(image: Image.Image, draw: ImageDraw.ImageDraw, row: _Row, top: int, height: int) -> None:
    notes = NOTE.lines(row.note, CAPTION_WIDTH - 20, height // NOTE.line_height)
    text_height = CAPTION.line_height + len(notes) * NOTE.line_height
    block = text_height + (WHEEL + 8 if row.wheel else 0)
    y = top + (height - block) // 2
    CAPTION.write(draw, (MARGIN, y), [row.caption], INK, "la")
    NOTE.write(draw, (MARGIN, y + CAPTION.line_height), notes, FAINT_INK, "la")
    if row.wheel:
        image.paste(Image.fromarray(wheel_picture(WHEEL, GROUND)), (MARGIN, y + text_height + 8))
