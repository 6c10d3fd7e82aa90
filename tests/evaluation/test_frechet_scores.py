from dataclasses import replace

import numpy as np
import pytest

from lfdm_pipeline.evaluation import frechet_distance
from lfdm_pipeline.evaluation.bootstrap import BootstrapOptions
from lfdm_pipeline.evaluation.features import ClipFeatures
from lfdm_pipeline.evaluation.frechet_scores import FVD, frechet_scores, measured_by

NO_INTERVALS = BootstrapOptions(resamples=0)


def exactly(mean, spread, count=40):
    """Two columns with exactly this mean and, in each column, exactly this standard deviation."""
    angle = 2 * np.pi * np.arange(count) / count
    white = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (mean + spread * white * np.sqrt(2 * (count - 1) / count)).astype(np.float32)


def clips(*groups):
    """Clips of (label, subject, features)."""
    features = np.concatenate([features for _, _, features in groups])
    return ClipFeatures(
        features,
        tuple(label for label, _, features in groups for _ in features),
        tuple(subject for _, subject, features in groups for _ in features),
        tuple(range(len(features))),
    )


def score(generated, real, options=NO_INTERVALS):
    return frechet_scores(generated, real, FVD, options, seed=0)


def test_distances_within_groups_are_those_of_gaussians_with_known_moments():
    real = clips(("nod", "a", exactly(0, 1)), ("turn", "b", exactly(0, 1)))
    generated = clips(("nod", "a", exactly(1, 1)), ("turn", "b", exactly(0, 3)))
    scores = score(generated, real)
    # 1^2 + 1^2 for the shift in two columns, (3 - 1)^2 in two columns for the spread.
    assert scores["generation.cfvd_mean"] == pytest.approx((2 + 8) / 2, rel=1e-5)
    assert scores["generation.cfvd_std"] == pytest.approx((8 - 2) / 2, rel=1e-5)
    assert scores["generation.sfvd_mean"] == scores["generation.cfvd_mean"]
    assert scores["generation.cfvd_groups"] == scores["generation.sfvd_groups"] == 2
    assert scores["generation.fvd"] == pytest.approx(frechet_distance(generated.features, real.features))


def test_only_groups_that_both_sides_have_count():
    real = clips(("nod", "a", exactly(0, 1)), (None, "b", exactly(5, 1)))
    generated = clips(("nod", "c", exactly(1, 1)), ("turn", "c", exactly(9, 1)))
    scores = score(generated, real)
    assert scores["generation.cfvd_groups"] == 1
    assert scores["generation.cfvd_mean"] == pytest.approx(2, rel=1e-5)
    assert "generation.sfvd_mean" not in scores
    assert scores["generation.sfvd_note"] == "not measured: it takes 2 generated and 2 real clips of one subject"


@pytest.mark.parametrize(("ours", "theirs"), [(1, 40), (40, 1)])
def test_one_clip_on_a_side_makes_no_distance_but_notes(ours, theirs):
    scores = score(
        clips(("nod", "a", exactly(0, 1, ours + 1)[:ours])), clips(("nod", "a", exactly(0, 1, theirs + 1)[:theirs]))
    )
    assert set(scores) == {"generation.fvd_note", "generation.cfvd_note", "generation.sfvd_note"}
    assert scores["generation.fvd_note"] == "not measured: it takes 2 generated and 2 real clips"
    assert measured_by(scores, FVD, protocol="so") == scores


def test_sizes_stand_beside_the_score_and_small_samples_are_warned_of():
    enough = score(clips(("nod", "a", exactly(0, 1))), clips(("nod", "a", exactly(0, 1, count=30))))
    assert enough["generation.fvd_generated_clips"] == 40
    assert enough["generation.fvd_real_clips"] == 30
    assert enough["generation.fvd_features"] == 2
    assert not any(name.endswith("_warning") for name in enough)
    few = clips(("nod", "a", np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)))
    assert "at most 6 clips on one side for 8 features" in score(few, few)["generation.fvd_warning"]
    assert "generation.cfvd_warning" in score(few, few)


def test_words_stand_beside_every_distance_that_was_measured():
    real = clips(("nod", "a", exactly(0, 1)))
    generated = clips(("nod", "b", exactly(0, 1)))
    scores = measured_by(score(generated, real), FVD, protocol="so", sha256="00ff")
    for name in ("generation.fvd", "generation.cfvd"):
        assert (scores[f"{name}_protocol"], scores[f"{name}_sha256"]) == ("so", "00ff")
        assert (scores[f"{name}_generated_clips"], scores[f"{name}_features"]) == (40, 2)
    assert [name for name in scores if name.startswith("generation.sfvd")] == ["generation.sfvd_note"]


def test_intervals_are_ordered_the_same_every_time_and_narrower_for_more_clips():
    rng = np.random.default_rng(1)

    def drawn(count, shift):
        return clips(("nod", "a", rng.normal(size=(count, 3)).astype(np.float32) + np.float32(shift)))

    def width(scores):
        return scores["generation.fvd_high"] - scores["generation.fvd_low"]

    options = BootstrapOptions(resamples=40)
    few, many = [(drawn(n, 1), drawn(n, 0)) for n in (30, 3000)]
    assert score(*few, options) == score(*few, options)
    assert 0 < width(score(*many, options)) < width(score(*few, options)) / 3
    assert {"generation.cfvd_low", "generation.cfvd_high"} <= set(score(*few, options))


LABELS, CLIPS_A_LABEL, WIDTH, SHIFT, SPREAD = 4, 12, 8, 1.0, 1.2


def gaussian_clips(rng, centres, subject, shift=0.0, spread=1.0):
    """As many clips of each label, normal around the label's centre; the shift is in the first column."""
    each = np.repeat(np.arange(LABELS), CLIPS_A_LABEL)
    features = centres[each] + spread * rng.normal(size=(len(each), WIDTH)) + shift * np.eye(WIDTH)[0]
    labels = tuple(f"label {n}" for n in each)
    return ClipFeatures(features.astype(np.float32), labels, (subject,) * len(each), tuple(range(len(each))))


def known_distance(centres):
    """Of the two mixtures that `gaussian_clips` draws from with and without SHIFT and SPREAD."""
    between = np.cov(centres.T, bias=True)
    ours, theirs = between + SPREAD**2 * np.eye(WIDTH), between + np.eye(WIDTH)
    overlap = np.sqrt(np.linalg.eigvals(ours @ theirs).real).sum()
    return SHIFT**2 + np.trace(ours) + np.trace(theirs) - 2 * overlap


def covered(labelled):
    """Share of 80 intervals for 0.9 that hold the known distance, where labels differ by far more than their clips."""
    rng = np.random.default_rng(0)
    centres, held = 5 * rng.normal(size=(LABELS, WIDTH)), 0
    for seed in range(80):
        generated, real = gaussian_clips(rng, centres, "a", SHIFT, SPREAD), gaussian_clips(rng, centres, "b")
        if not labelled:
            generated, real = (replace(each, labels=(None,) * len(each)) for each in (generated, real))
        scores = frechet_scores(generated, real, FVD, BootstrapOptions(resamples=40, confidence=0.9), seed)
        low, high = (scores.get(f"generation.fvd_{end}", np.nan) for end in ("low", "high"))
        held += low <= known_distance(centres) <= high
    return held / 80


def test_intervals_hold_the_known_distance_as_often_as_they_say():
    assert 0.83 <= covered(labelled=True) <= 0.97


def test_regardless_of_labels_they_would_not():
    assert covered(labelled=False) < 0.6


def test_the_floor_is_what_halves_of_the_real_clips_reach():
    rng = np.random.default_rng(0)
    floors = []
    for _ in range(20):
        real = clips(("nod", "a", rng.normal(size=(200, 2))), ("turn", "a", rng.normal(size=(200, 2))))
        floors.append(score(real, real)["generation.fvd_floor"])
    # To first order in 1/N + 1/M: tr S for the means, D (D + 1) / 4 for unit covariances.
    assert np.mean(floors) == pytest.approx((1 / 200 + 1 / 200) * (2 + 6 / 4), rel=0.15)


INTERVAL = {"generation.fvd_low", "generation.fvd_high"}
BESIDE = INTERVAL | {"generation.fvd_warning", "generation.fvd_floor"}
FEW_DRAWS = BootstrapOptions(resamples=3)


def drawn(count, shift, spread=(1, 1, 1, 1)):
    features = np.random.default_rng(shift).normal(size=(count, len(spread))) * spread + shift
    return clips(("nod", "a", features.astype(np.float32)))


def test_small_samples_have_neither_interval_nor_floor():
    few, enough, many = (score(drawn(n, 2), drawn(n, 0), FEW_DRAWS) for n in (12, 16, 32))
    assert BESIDE & few.keys() == {"generation.fvd_warning"}
    assert few["generation.fvd_warning"].endswith("an interval would not hold")
    assert BESIDE & enough.keys() == INTERVAL
    assert BESIDE & many.keys() == BESIDE - {"generation.fvd_warning"}


def test_where_features_vary_in_few_directions_fewer_clips_make_an_interval():
    along_one = score(*(drawn(12, shift, (1, 0.01, 0.01, 0.01)) for shift in (2, 0)), FEW_DRAWS)
    assert BESIDE & along_one.keys() == INTERVAL | {"generation.fvd_warning"}
    assert "interval" not in along_one["generation.fvd_warning"]


def test_clips_that_come_again_are_no_larger_sample():
    real, generated = drawn(12, 0), drawn(120, 2)
    again = score(generated, real.take(np.resize(np.arange(12), 120)), FEW_DRAWS)
    assert BESIDE & again.keys() == {"generation.fvd_warning"}
    assert "at most 12 clips on one side" in again["generation.fvd_warning"]
