"""What a person should look at before training on a corpus."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from lfdm_pipeline.clips.sources.base import LeftOut

NOBODY_TO_TEST = (
    "no clip is in the test split, so there is nobody to generate clips for and nothing to score: name "
    "subjects in source.folder.test_subjects, or split test in clips.csv (other corpora: source.<corpus>)"
)

_REASONS = 20
_NAMED = 5


def findings(
    table: pd.DataFrame, digests: Mapping[str, str], left_out: Iterable[LeftOut], vanished: Sequence[str] = ()
) -> Iterator[str]:
    """Say what is odd about the clips kept, and why others are not among them.

    Args:
        table: The clip table.
        digests: Hash of the frames of each clip, by clip id.
        left_out: Clips that were not kept.
        vanished: Ids of clips that were kept before and are not in the corpus any more.
    """
    yield from _subjects_in_several_splits(table)
    yield from _same_content(table, digests)
    yield from _reasons(left_out)
    if vanished:
        more = ", …" if len(vanished) > _NAMED else ""
        yield f"clips that the corpus had before ({len(vanished)}): {', '.join(vanished[:_NAMED])}{more}"


def nobody_to_test(table: pd.DataFrame) -> Iterator[str]:
    """Say so where no clip of a whole corpus is for tests; a part of one may well be without.

    Args:
        table: The clip table.
    """
    if "test" not in set(table["split"]):
        yield NOBODY_TO_TEST


def _subjects_in_several_splits(table: pd.DataFrame) -> Iterator[str]:
    for subject, splits in table.groupby("subject")["split"].unique().items():
        if len(splits) > 1:
            yield f"subject {subject!r} is in more than one split: {', '.join(sorted(splits))}"


def _same_content(table: pd.DataFrame, digests: Mapping[str, str]) -> Iterator[str]:
    same: defaultdict[str, list[str]] = defaultdict(list)
    for clip_id in table["clip_id"]:
        same[digests[clip_id]].append(clip_id)
    by_id = table.set_index("clip_id")
    for clip_ids in same.values():
        if len(clip_ids) > 1:
            differing = [c for c in ("label", "split") if by_id.loc[clip_ids, c].astype(object).unique().size > 1]
            within = f" under another {' and '.join(differing)}" if differing else ""
            yield f"clips with the same content{within}: {', '.join(clip_ids)}"


def _reasons(left_out: Iterable[LeftOut]) -> Iterator[str]:
    counts = Counter(each.reason for each in left_out)
    for reason, count in counts.most_common(_REASONS):
        yield f"{count} {'clip' if count == 1 else 'clips'} left out: {reason}"
    if len(counts) > _REASONS:
        yield f"clips left out for {len(counts) - _REASONS} other reasons, see left_out"
