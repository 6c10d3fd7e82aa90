"""Generated clips: a video anyone can play, and the flow that made it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline import atomic
from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import Frames
from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import reading, to_path


class GeneratedStore:
    """Clips as `videos/<name>.mp4`, beside the flow and the reference frame that made them, under one folder.

    Args:
        root: the folder.
        copies: where on this machine to keep flows that are read of a remote folder (`ClipFiles`).

    Attributes:
        videos: the folder of the videos.
        flows: flow and occlusion of each clip against its reference frame.
    """

    def __init__(self, root: str | Path, copies: Path | None = None) -> None:
        self.root = to_path(root)
        self.videos = self.root / "videos"
        self.flows = FlowStore(self.root / "flows", copies)

    def path(self, name: str) -> Path:
        """The video of a clip."""
        return self.videos / f"{name}.mp4"

    def write(
        self,
        name: str,
        reference: npt.NDArray[np.uint8],
        frames: Frames,
        displacement: npt.NDArray[np.floating],
        occlusion: npt.NDArray[np.floating],
        *,
        fps: float,
        provenance: Mapping[str, str],
        seconds: float,
        device: str,
    ) -> None:
        """Keep a clip, its video last: a clip is there once its video is.

        Args:
            name: file stem.
            reference: the frame x0 that it starts from, uint8 (H, W, 3).
            frames: uint8 (K, H, W, 3).
            displacement: (K, 2, h, w).
            occlusion: (K, 1, h, w).
            fps: frames a second of the video.
            provenance: how the clip came to be, kept in the video's header.
            seconds: time that generating it took.
            device: what it took so long on.
        """
        self.flows.write(name, displacement, occlusion)
        with atomic.replacing(self._reference_path(name)) as temporary:
            cv2.imwrite(str(temporary), reference[..., ::-1])
        atomic.write_text(self._timing_path(name), json.dumps({"seconds": seconds, "device": device}))
        write_video(self.path(name), frames, fps, metadata=provenance)

    def reference(self, name: str) -> npt.NDArray[np.uint8]:
        """The frame x0 that a clip starts from, uint8 (H, W, 3).

        Raises:
            InputError: there is no such clip.
        """
        path = self._reference_path(name)
        try:
            with reading(path) as file:
                picture = cv2.imread(str(file))
        except FileNotFoundError:
            picture = None
        if picture is None:
            raise InputError(f"{path} is missing or damaged: run the generation pipeline")
        return np.ascontiguousarray(picture[..., ::-1], dtype=np.uint8)

    def seconds(self, name: str) -> float:
        """Time that generating a clip took."""
        return float(self._timing(name)["seconds"])

    def device(self, name: str) -> str:
        """What generating a clip took so long on."""
        return str(self._timing(name)["device"])

    def _timing(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self._timing_path(name).read_text(encoding="utf-8")))

    def _reference_path(self, name: str) -> Path:
        return self.root / "references" / f"{name}.png"

    def _timing_path(self, name: str) -> Path:
        return self.root / "timing" / f"{name}.json"

    def __getitem__(self, name: str) -> Frames:
        """Frames of a clip's video, uint8 (K, H, W, 3).

        Raises:
            InputError: there is no such clip.
        """
        if name not in self:
            raise InputError(f"no generated clip {name!r} in {self.root}: run the generation pipeline")
        with reading(self.path(name)) as file:
            return decode_video(file).frames

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.path(name).is_file()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path.stem for path in self.videos.glob("[!.]*.mp4")))

    def __len__(self) -> int:
        return sum(1 for _ in self)
