import hashlib

import numpy as np
import pandas as pd
import pytest
from tests.evaluation.tiny_i3d import write_tiny_i3d

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.evaluation.bootstrap import BootstrapOptions
from lfdm_pipeline.evaluation.fvd import FVDOptions
from lfdm_pipeline.evaluation.labels import ProbingOptions
from lfdm_pipeline.pipelines.evaluation.nodes import look_at_generated, measure_fvd

SIZE, FRAMES = 32, 4
FLOWS = np.zeros((FRAMES, 2, 8, 8)), np.ones((FRAMES, 1, 8, 8))


@pytest.fixture
def corpus(tmp_path):
    """Two people in colours of their own, two clips of each of two labels, real and generated."""
    clips, flows, generated = (
        ClipStore(tmp_path / "clips"),
        FlowStore(tmp_path / "flows"),
        GeneratedStore(tmp_path / "generated"),
    )
    rng = np.random.default_rng(0)
    real, made = [], []
    for number, subject in enumerate(("ann", "bob")):
        for label in ("nod", "turn"):
            for take in range(2):
                name = f"{subject}_{label}_{take}"
                frames = np.clip(80 * number + rng.integers(20, 90, (FRAMES, SIZE, SIZE, 3)), 0, 255).astype(np.uint8)
                clips.write(name, frames)
                flows.write(name, *FLOWS)
                generated.write(name, frames[0], frames, *FLOWS, fps=10, provenance={}, seconds=0.1, device="a CPU")
                real.append({"clip_id": name, "label": label, "subject": subject, "split": "test"})
                made.append({"name": name, "label": label, "subject": subject, "origin": subject})
    table = pd.DataFrame(real).assign(height=SIZE, width=SIZE)
    return clips, flows, table, generated, pd.DataFrame(made)


def fvd(corpus, **options):
    clips, _, table, generated, made = corpus
    protocol = FVDOptions(frames=FRAMES, resolution=None, **options)
    return measure_fvd(table, clips, made, generated, protocol, BootstrapOptions(resamples=5), 0, "cpu")


def test_without_the_network_there_is_no_fvd_and_a_clear_note(corpus):
    scores = fvd(corpus)
    assert set(scores) == {"generation.fvd_note"}
    assert "evaluation.fvd.network=PATH" in scores["generation.fvd_note"]


def test_with_the_network_every_distance_has_its_protocol_beside_it(corpus, tmp_path):
    path = write_tiny_i3d(tmp_path / "i3d.pt")
    scores = fvd(corpus, network=path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for name in ("generation.fvd", "generation.cfvd", "generation.sfvd"):
        assert scores[f"{name}_sha256"] == digest
        assert scores[f"{name}_generated_clips"] == scores[f"{name}_real_clips"] == 8
        for words in (
            "8 generated (of 10,000 asked for)",
            "8 real clips",
            f"{FRAMES} frames",
            digest,
            "95% basic bootstrap",
        ):
            assert words in scores[f"{name}_protocol"]
    assert scores["generation.fvd"] >= 0
    assert scores["generation.cfvd_groups"] == scores["generation.sfvd_groups"] == 2
    assert {"generation.cfvd_std", "generation.sfvd_std"} <= set(scores)
    assert "sample too small" in scores["generation.fvd_warning"]


def test_looks_are_scored_without_any_network(corpus):
    clips, flows, table, generated, made = corpus
    scores = look_at_generated(table, clips, flows, made, generated, ProbingOptions(frames=FRAMES))
    assert scores["identity.accuracy"] == 1
    assert scores["generation.diversity_conditions"] == 4
    assert scores["generation.diversity_l1"] > 0
    assert scores["generation.diversity_motion"] == 0
    # What is random in every pixel is partly lost in the generated clips' compression.
    assert 0 < scores["generation.flicker"] < scores["generation.real_flicker"]
