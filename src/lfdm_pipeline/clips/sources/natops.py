"""NATOPS aircraft handling signals (Song et al. 2011): many gestures in one AVI file."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field

from lfdm_pipeline.clips.file_kinds import VIDEO_SUFFIXES
from lfdm_pipeline.clips.sources.base import Survey
from lfdm_pipeline.clips.sources.files import suffix, walk
from lfdm_pipeline.clips.sources.layout import Layout
from lfdm_pipeline.clips.sources.listing import Listing
from lfdm_pipeline.clips.sources.segmentation import Segment, SegmentedVideo, read_segmentation
from lfdm_pipeline.clips.sources.subjects import SubjectSplit
from lfdm_pipeline.errors import InputError

_LAYOUT = Layout(
    "NATOPS",
    "its folder data (gesture01/g01s01.avi …, segmentation.txt)",
    "http://groups.csail.mit.edu/mug/natops/",
)
_VIDEO = re.compile(r"g(\d+)s(\d+)\.avi", re.IGNORECASE)
_MASK_OR_DEPTH = re.compile(r"g\d+s\d+[md]\.avi", re.IGNORECASE)


class NatopsOptions(SubjectSplit):
    """Subjects of NATOPS, by number, the names of its gestures, and how its annotation counts."""

    labels: tuple[str, ...] = Field(min_length=1)
    """Name of gesture 1, of gesture 2, …"""
    first_frame: Literal[0, 1] = 1
    """Number that the annotation gives to the first frame of a video."""


class NatopsSource:
    """Reads gesture and subject from names of files, and clips from the lines of the annotation."""

    def __init__(self, options: NatopsOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Check that the corpus is there."""
        _LAYOUT.check(root)

    def survey(self, root: Path) -> Survey:
        """List every annotated repetition."""
        listing = Listing()
        videos, annotation = _files(root, listing)
        annotated = list(read_segmentation(annotation))
        for video in annotated:
            name = f"g{video.gesture:02}s{video.subject:02}"
            source = videos.get((video.gesture, video.subject))
            for segment in video.segments:
                self._add(video, segment, f"{name}_r{segment.repetition:02}", source, listing)
        odd = [f"gesture {v.gesture} of subject {v.subject}" for v in annotated if v.announced != len(v.segments)]
        unknown = sorted(set(videos) - {(video.gesture, video.subject) for video in annotated})
        listing.count("lists of repetitions with another number than announced", odd)
        listing.count(f"videos that {annotation.name} says nothing of", [videos[each] for each in unknown])
        listing.count("listed subjects without clips", self._options.absent(listing.subjects))
        if self._options.first_frame == 1 and any(s.start == 0 for video in annotated for s in video.segments):
            listing.remark(f"{annotation.name} speaks of frame 0: source.natops.first_frame may have to be 0")
        return listing.survey()

    def _add(self, video: SegmentedVideo, segment: Segment, clip_id: str, source: str | None, listing: Listing) -> None:
        labels, subject, first = self._options.labels, str(video.subject), self._options.first_frame
        if source is None:
            name = clip_id.split("_")[0]
            listing.leave_out(f"{name}.avi", clip_id, f"the video {name}.avi is not there")
        elif not 1 <= video.gesture <= len(labels):
            reason = f"unknown label: gesture {video.gesture} is none of the {len(labels)} that are named"
            listing.leave_out(source, clip_id, reason)
        elif not first <= segment.start <= segment.end:
            reason = f"the annotation says frames {segment.start} to {segment.end}, counted from {first}"
            listing.leave_out(source, clip_id, reason)
        else:
            listing.add(
                source,
                clip_id,
                labels[video.gesture - 1],
                subject,
                self._options.split_of(subject),
                first_frame=segment.start - first,
                last_frame=segment.end - first,
            )


def _files(root: Path, listing: Listing) -> tuple[dict[tuple[int, int], str], Path]:
    """Videos relative to the root by (gesture, subject), and the annotation."""
    videos: dict[tuple[int, int], str] = {}
    copies: list[str] = []
    others: list[str] = []
    annotations: list[Path] = []
    for folder in walk(root):
        for name, source in zip(folder.files, folder.sources(), strict=True):
            if match := _VIDEO.fullmatch(name):
                if videos.setdefault((int(match[1]), int(match[2])), source) != source:
                    copies.append(source)
            elif name.lower() == "segmentation.txt":
                annotations.append(root / source)
            elif suffix(name) in VIDEO_SUFFIXES and not _MASK_OR_DEPTH.fullmatch(name):
                others.append(source)
    listing.count("videos named like another are not used", copies)
    listing.count("videos not named like g01s01.avi are not used", others)
    if not videos:
        raise _LAYOUT.nothing_in(root)
    if len(annotations) != 1:
        found = ", ".join(map(str, annotations)) or "none"
        raise InputError(f"NATOPS needs one segmentation.txt in {root}, found {found}: it comes with the videos")
    return videos, annotations[0]
