"""Small animations for pages that show no video."""

from pathlib import Path

from PIL import Image

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.showcase.pictures import Clip, resized


def write_gif(path: Path, frames: Clip, fps: float, width: int, *, comment: str) -> None:
    """Write frames (T, H, W, 3) as a GIF that loops for ever, with one palette for all frames.

    Args:
        path: The file, replaced as a whole.
        frames: What to show.
        fps: Frames a second; GIF counts in hundredths of a second.
        width: Pixels across; the height follows.
        comment: What it is, kept in the file.
    """
    height = round(frames.shape[1] * width / frames.shape[2])
    images = [Image.fromarray(resized(frame, height, width)) for frame in frames]
    palette = _shared_palette(images)
    # Without dithering still areas stay equal from frame to frame, which GIF stores as nothing.
    drawn = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    with replacing(path) as temporary:
        drawn[0].save(
            temporary,
            save_all=True,
            append_images=drawn[1:],
            duration=round(1000 / fps),
            loop=0,
            optimize=True,
            comment=comment,
        )


def _shared_palette(images: list[Image.Image]) -> Image.Image:
    sampled = images[:: max(1, len(images) // 8)]
    width, height = sampled[0].size
    strip = Image.new("RGB", (width, height * len(sampled)))
    for number, image in enumerate(sampled):
        strip.paste(image, (0, number * height))
    return strip.quantize(colors=255, method=Image.Quantize.MEDIANCUT)
