"""FaceForensics (Rössler et al. 2018) and the originals of FaceForensics++ (2019); nothing in them is labelled."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from lfdm_pipeline.clips.file_kinds import VIDEO_SUFFIXES
from lfdm_pipeline.clips.sources.base import Survey
from lfdm_pipeline.clips.sources.files import suffix, walk
from lfdm_pipeline.clips.sources.layout import Layout
from lfdm_pipeline.clips.sources.listing import Listing
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options

_LAYOUT = Layout(
    "FaceForensics",
    "original_sequences/youtube/c23/videos/000.mp4 … with train.json, val.json and test.json of FaceForensics++, "
    "or train/original/….avi of FaceForensics,",
    "https://github.com/ondyari/FaceForensics",
)
_SPLITS = ("train", "val", "test")
_ID = re.compile(r"\d{3}")
_COMPRESSIONS = ("raw", "c23", "c40")


class FaceForensicsOptions(Options):
    """Which files of FaceForensics++ are read."""

    compression: Literal["raw", "c23", "c40"] | None = None
    """Which compression is read where there are several; null: the only one there."""


class FaceForensicsSource:
    """Reads both layouts; every video is a subject of its own, named after it."""

    def __init__(self, options: FaceForensicsOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Check that the corpus is there."""
        _LAYOUT.check(root)

    def survey(self, root: Path) -> Survey:
        """List the original videos, not the manipulated ones."""
        listing, others = Listing(), []
        videos: defaultdict[str, list[str]] = defaultdict(list)
        tables: dict[str, Path] = {}
        for folder in walk(root):
            for name, source in zip(folder.files, folder.sources(), strict=True):
                stem = PurePosixPath(name).stem
                if _is_of_2019(source):
                    videos[_compression(source)].append(source)
                elif _is_of_2018(source):
                    listing.add(source, stem, None, stem, _folder_split(source))
                elif name in {f"{split}.json" for split in _SPLITS}:
                    tables[stem] = root / source
                elif suffix(name) in VIDEO_SUFFIXES:
                    others.append(source)
        if videos:
            self._add_2019(self._chosen(videos), _splits(root, tables), listing)
        if listing.is_empty:
            raise _LAYOUT.nothing_in(root)
        listing.count("videos that are no originals and are not used", others)
        return listing.survey()

    def _chosen(self, videos: dict[str, list[str]]) -> list[str]:
        wanted = self._options.compression
        if wanted in videos:
            return videos[wanted]
        if wanted or len(videos) > 1:
            raise InputError(
                f"FaceForensics++ is there as {', '.join(sorted(videos))}: set source.faceforensics.compression to one"
            )
        return next(iter(videos.values()))

    def _add_2019(self, videos: list[str], splits: dict[str, set[str]], listing: Listing) -> None:
        for source in videos:
            name = PurePosixPath(source).stem
            within = sorted(splits.get(name, ()))
            if len(within) > 1:
                listing.leave_out(source, name, f"id {name} is in more than one split: {', '.join(within)}")
            else:
                listing.add(source, name, None, name, next(iter(within), None))
        absent = sorted(set(splits) - {PurePosixPath(source).stem for source in videos})
        listing.count("videos that the splits name and that are not there", absent)


def _is_of_2019(source: str) -> bool:
    path = PurePosixPath(source)
    # Manipulated videos are named by pairs of ids, those of actors by words.
    return path.suffix.lower() == ".mp4" and _ID.fullmatch(path.stem) is not None


def _compression(source: str) -> str:
    return next((part for part in PurePosixPath(source).parts if part in _COMPRESSIONS), "unknown compression")


def _is_of_2018(source: str) -> bool:
    return suffix(source) == ".avi" and "original" in PurePosixPath(source).parent.parts


def _folder_split(source: str) -> str | None:
    return next((part for part in reversed(PurePosixPath(source).parent.parts) if part in _SPLITS), None)


def _splits(root: Path, tables: dict[str, Path]) -> dict[str, set[str]]:
    """Splits of each id; more than one is an error of the tables."""
    missing = [split for split in _SPLITS if split not in tables]
    if missing:
        raise InputError(
            f"no {missing[0]}.json in {root}: put the files train.json, val.json and test.json beside the videos; "
            f"they are at {_LAYOUT.origin} under dataset/splits"
        )
    splits: defaultdict[str, set[str]] = defaultdict(set)
    for split, path in tables.items():
        for name in _ids(path):
            splits[name].add(split)
    return splits


def _ids(path: Path) -> Iterator[str]:
    """Ids in a file of pairs of ids."""
    wrong = InputError(f"{path} is no list of pairs of ids such as [['071', '054'], …]: fetch it again")
    try:
        pairs: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise wrong from error
    if not isinstance(pairs, list):
        raise wrong
    for pair in pairs:
        if not isinstance(pair, list) or not all(isinstance(name, str) and _ID.fullmatch(name) for name in pair):
            raise wrong
        yield from pair
