"""Fréchet distances of generated from real clips: over all, within each label, within each subject."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

import numpy as np
from tqdm import tqdm

from lfdm_pipeline.evaluation.bootstrap import BootstrapOptions, basic_interval
from lfdm_pipeline.evaluation.features import ClipFeatures
from lfdm_pipeline.evaluation.frechet import directions, frechet_distance
from lfdm_pipeline.evaluation.scores import Scores
from lfdm_pipeline.evaluation.strata import drawn_anew, halves, strata

Groups = Mapping[str, ClipFeatures]
Pairs = Mapping[str, tuple[ClipFeatures, ClipFeatures]]
MIN_CLIPS = 2  # a covariance needs two samples
CLIPS_A_DIRECTION = 4  # with fewer, intervals of Gaussians with known distance held it far less often than they said
HALVINGS = 10


@dataclass(frozen=True)
class FrechetNames:
    """What the three distances of one network are called."""

    overall: str
    by_label: str
    by_subject: str


FVD = FrechetNames("generation.fvd", "generation.cfvd", "generation.sfvd")
PROBE = FrechetNames("generation.frechet_probe", "generation.frechet_probe_label", "generation.frechet_probe_subject")


def frechet_scores(
    generated: ClipFeatures, real: ClipFeatures, names: FrechetNames, options: BootstrapOptions, seed: int
) -> Scores:
    """Compare generated with real clips in the features of one network.

    Within each label (cFVD) and each subject (sFVD) the distance is taken over the groups that both sides have, at
    least two clips each; scored are the mean and the standard deviation over groups (CVPR 2023, section 4.2).

    Args:
        generated: Features of generated clips.
        real: Features of real clips by the same network.
        names: Flat names of the scores.
        options: Confidence intervals, of the distance over all clips and of both means.
        seed: Of resampling and halving.

    Returns:
        Under each name the distance (`_mean` and `_std` within groups), `_groups`, and the numbers of clips and of
        features that it was taken over, with `_low` and `_high` where there are four different clips for each direction
        in which features vary, and a `_warning` where there are less than four a feature; a `_note` alone where there
        are not two clips on both sides. Beside the distance over all clips, where halves of the real ones have four
        clips a feature, their own distance (`_floor`).
    """
    everything = _common({"all": generated}, {"all": real})
    if everything:
        (distance,) = _distances(everything)
        scores = _scored(names.overall, everything, distance, options, seed) | _floor(names.overall, real, seed)
    else:
        scores = _unmeasured(names.overall, "")
    for name, ours, theirs, of in (
        (names.by_label, generated.by_label(), real.by_label(), " of one label"),
        (names.by_subject, generated.by_subject(), real.by_subject(), " of one subject"),
    ):
        pairs = _common(ours, theirs)
        scores |= _within(name, pairs, options, seed) if pairs else _unmeasured(name, of)
    return scores


def measured_by(scores: Scores, names: FrechetNames, **words: str) -> Scores:
    """Put the same words, such as `protocol`, beside each of the three distances that was measured."""
    measured = [name for name in astuple(names) if f"{name}_features" in scores]
    return scores | {f"{name}_{kind}": text for name in measured for kind, text in words.items()}


def _unmeasured(name: str, of: str) -> Scores:
    return {f"{name}_note": f"not measured: it takes {MIN_CLIPS} generated and {MIN_CLIPS} real clips{of}"}


def _within(name: str, pairs: Pairs, options: BootstrapOptions, seed: int) -> Scores:
    distances = _distances(pairs)
    spread: Scores = {f"{name}_std": float(np.std(distances)), f"{name}_groups": len(pairs)}
    return _scored(name, pairs, float(np.mean(distances)), options, seed, "_mean") | spread


def _scored(name: str, pairs: Pairs, estimate: float, options: BootstrapOptions, seed: int, suffix: str = "") -> Scores:
    ours, theirs = zip(*pairs.values(), strict=True)
    scores: Scores = {
        f"{name}{suffix}": estimate,
        f"{name}_generated_clips": sum(map(len, ours)),
        f"{name}_real_clips": sum(map(len, theirs)),
        f"{name}_features": ours[0].features.shape[1],
    }
    vouched = all(map(_vouches, pairs.values()))
    if warning := _warning(pairs):
        scores[f"{name}_warning"] = warning if vouched else f"{warning}; an interval would not hold"
    if options.resamples and vouched:
        bar = tqdm(_replicates(pairs, options.resamples, seed), f"resampling {name}", options.resamples, unit="draw")
        if interval := basic_interval(estimate, list(bar), options.confidence):
            scores |= {f"{name}_low": interval.low, f"{name}_high": interval.high}
    return scores


def _floor(name: str, real: ClipFeatures, seed: int) -> Scores:
    """Return the distance between random halves of the real clips, the mean of ten halvings; none of small samples.

    It is what clips as good as real ones would reach if each side had half as many clips as there are real ones. The
    distance of N from M clips is too high by about 1/N + 1/M times a constant: beside that of N generated from M real
    clips the floor is too high where N > M/3, and too low where N is smaller. Both halves show the same people, as
    generated and real clips do.
    """
    if real.distinct < len(real) or len(real) // 2 < CLIPS_A_DIRECTION * real.features.shape[1]:
        return {}
    rng = np.random.default_rng(seed)
    groups = strata(real.labels)
    split = [[real.features[half] for half in halves(groups, rng)] for _ in range(HALVINGS)]
    return {f"{name}_floor": float(np.mean([frechet_distance(*pair) for pair in split]))}


def _distances(pairs: Pairs) -> list[float]:
    return [frechet_distance(ours.features, theirs.features) for ours, theirs in pairs.values()]


def _replicates(pairs: Pairs, count: int, seed: int) -> Iterator[float]:
    """The mean distance, time and again, of clips drawn anew."""
    rng = np.random.default_rng(seed)
    sides = [[(clips.features, strata(clips.labels)) for clips in pair] for pair in pairs.values()]
    for _ in range(count):
        drawn = [[features[drawn_anew(groups, rng)] for features, groups in side] for side in sides]
        yield float(np.mean([frechet_distance(*pair) for pair in drawn]))


def _common(ours: Groups, theirs: Groups) -> Pairs:
    return {
        name: (ours[name], theirs[name])
        for name in ours
        if name in theirs and min(len(ours[name]), len(theirs[name])) >= MIN_CLIPS
    }


def _vouches(pair: tuple[ClipFeatures, ClipFeatures]) -> bool:
    """Whether clips drawn anew vary as other clips would: enough of them, and none more than once."""
    needed = CLIPS_A_DIRECTION * max(directions(clips.features) for clips in pair)
    return all(needed <= clips.distinct == len(clips) for clips in pair)


def _warning(pairs: Pairs) -> str:
    """Say where a covariance is made of few samples: such distances are too high and hardly comparable."""
    width = next(iter(pairs.values()))[0].features.shape[1]
    sizes = [min(ours.distinct, theirs.distinct) for ours, theirs in pairs.values()]
    small = [size for size in sizes if size < CLIPS_A_DIRECTION * width]
    if not small:
        return ""
    which = f"{len(small)} of {len(sizes)} groups have" if len(sizes) > 1 else "there are"
    return (
        f"sample too small: {which} at most {max(small)} clips on one side for {width} features, less than "
        f"{CLIPS_A_DIRECTION} a feature; the distance is too high: compare it only with one over as many clips"
    )
