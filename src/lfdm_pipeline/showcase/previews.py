"""What a network in training makes of a few examples."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lfdm_pipeline.showcase.lettering import GROUND, INK, Face
from lfdm_pipeline.showcase.pictures import Clip, Picture, enlarge, factor_for

CELL, GAP, HEAD = 128, 6, 22


def preview_rows(columns: Mapping[str, NDArray[np.uint8]]) -> Clip:
    """Put clips beside each other, one row an example and one column a kind, such as driving frame and result.

    Args:
        columns: By heading (B, T, H, W, 3); a smaller kind, such as an occlusion map, is enlarged to the first.

    Returns:
        (T, H', W', 3).
    """
    examples, frames, height, width = next(iter(columns.values())).shape[:4]
    factor = factor_for(height, CELL)
    cell_height, cell_width = factor * height + GAP, factor * width + GAP
    canvas = _headings(list(columns), cell_width, HEAD + examples * cell_height)
    video = np.repeat(canvas[None], frames, axis=0)
    for place, clips in enumerate(columns.values()):
        left = place * cell_width
        for row, clip in enumerate(clips):
            top = HEAD + row * cell_height
            for frame, small in zip(video, clip, strict=True):
                picture = enlarge(small, factor * height // small.shape[0])
                frame[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return video


def region_overlay(frames: Clip, heatmaps: NDArray[np.floating]) -> Clip:
    """Tint frames (N, H, W, 3) where soft regions (N, K, h, w) are, one hue a region, each at its peak in full."""
    height, width = frames.shape[1:3]
    hues = _hues(heatmaps.shape[1])
    peaks = heatmaps / np.maximum(heatmaps.max((2, 3), keepdims=True), 1e-12)
    cover = np.stack([_resized(regions, height, width) for regions in peaks.astype(np.float32)])
    total = np.maximum(cover.sum(-1, keepdims=True), 1)
    tint = cover @ hues / total
    opacity = 0.75 * np.minimum(cover.max(-1, keepdims=True), 1)
    return ((1 - opacity) * frames + opacity * tint).round().astype(np.uint8)


def _hues(count: int) -> NDArray[np.float32]:
    pixels = np.full((1, count, 3), 255, np.uint8)
    pixels[0, :, 0] = np.arange(count) * 180 // count
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_HSV2RGB)[0], np.float32)


def _resized(maps: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Enlarge maps (K, h, w) to (height, width, K)."""
    return np.stack([cv2.resize(each, (width, height)) for each in maps], axis=-1)


def _headings(names: list[str], pitch: int, height: int) -> Picture:
    image = Image.new("RGB", (len(names) * pitch - GAP, height - GAP), GROUND)
    draw = ImageDraw.Draw(image)
    for place, name in enumerate(names):
        Face(14).write(draw, (place * pitch + (pitch - GAP) / 2, 2), [name], INK, "ma")
    return np.array(image)
