import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lfdm_pipeline.clips.picture_writing import write_picture
from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.experiments.results_page import BEGIN, END, Results, RunResults, write_results
from lfdm_pipeline.showcase.comparisons import Column, ComparedRun, Comparison, Paper
from lfdm_pipeline.showcase.exhibits import Exhibit
from lfdm_pipeline.showcase.targets import Target

SCORES = {
    "generation.cfvd_mean": 12.5,
    "generation.cfvd_std": 3.25,
    "generation.cfvd_low": 10.5,
    "generation.cfvd_high": 14.5,
    "generation.cfvd_protocol": "60 generated against 60 real clips",
    "generation.diversity_note": "not measured: one sample a condition",
    "generation.label_accuracy": 0.5,
    "reconstruction.l1": 0.0123,
    "flow.note": "not measured: no exact flow",
}


@pytest.fixture
def results(tmp_path):
    for name, shade in (("grid", 40), ("before", 80), ("side", 120)):
        write_video(tmp_path / f"{name}.mp4", np.full((5, 32, 64, 3), shade, np.uint8), 10, metadata={"comment": name})
    (tmp_path / "frames").mkdir()
    write_picture(tmp_path / "frames" / "right hand wave.png", np.full((100, 2400, 3), 9, np.uint8), comment="panels")
    main = RunResults(
        corpus="synthetic",
        command="kedro run",
        scores=SCORES,
        held_out="These subjects are in training clips, too.",
        targets=[Target(title="Labels", score="generation.label_accuracy", at_least=0.9)],
        exhibits=[
            Exhibit("Every label", "of one person.", tmp_path / "grid.mp4"),
            Exhibit("Again", "of one person.", tmp_path / "grid.mp4"),
            Exhibit("How it is made", "", tmp_path / "frames" / "right hand wave.png"),
        ],
    )
    decoders = pd.DataFrame(
        {"domain": "puppets", "decoder": ["original", "decoder"], "l1": [0.04, 0.03], "changed_values": [0, 7]}
    )
    puppets = RunResults(
        "puppets",
        "kedro run --env puppets",
        {"domains.puppets.decoder.l1": 0.03},
        "",
        [],
        [Exhibit("Before and after", "", tmp_path / "before.mp4")],
        decoders,
    )
    comparison = Comparison(
        name="sota",
        title="Models",
        question="Which?",
        corpus="synthetic",
        command="kedro experiment sota",
        columns=(Column(title="seconds", score="timing.*", better="lower"),),
        runs=(ComparedRun(label="ours", scores={"timing.x": 2.0}, command="kedro run"),),
        paper=Paper(source="A4", figures={"seconds": {"ours": 36.0}}, comparable="Not comparable."),
        video="side.mp4",
    )
    videos = {"sota": Exhibit("side.mp4", "", tmp_path / "side.mp4")}
    return Results("kedro results", [main, puppets], [comparison], videos, ["kedro experiment table_a1"])


def test_everything_is_told_with_a_still_of_every_video(results, tmp_path):
    docs = tmp_path / "docs"
    page = write_results(results, docs).read_text()
    words = re.sub(r" +", " ", page)
    for part in (
        "# Results: synthetic",
        "| Labels | 0.500 | at least 0.9 | **no** |",
        "| cFVD | 12.50 ± 3.250 [10.50, 14.50] | ↓ |",
        "- `generation.cfvd`: 60 generated against 60 real clips",
        "## Scores\n\nThese subjects are in training clips, too.\n",
        "| prediction | 0.0123 |",
        "### Models",
        "| ours | 2.000 | 36.00 |",
        "Not comparable.",
        "## A new domain: puppets",
        "| decoder | -25.0 % |",
        "- `generation.diversity`: one sample a condition",
        "- `flow`: no exact flow",
        "- `kedro experiment table_a1`: was not run",
    ):
        assert part in words
    assert words.count("of one person.") == 1, "a caption is said once"
    shown = re.findall(r"!\[[^]]+\]\(<([^>]+)>\)", page)
    levels, comments = {}, {}
    for place in shown:
        with Image.open(docs / place) as picture:
            assert picture.width <= 1200
            levels[place] = round(float(np.asarray(picture).mean()))
            comments[place] = picture.info["comment"].decode()
    assert [*comments.values()] == ["grid", "panels", "side", "before"], "what a still was made of says what it shows"
    assert levels == pytest.approx(
        {
            "images/results/synthetic/grid.jpg": 40,
            "images/results/synthetic/frames_right hand wave.jpg": 9,
            "images/results/synthetic/side.jpg": 120,
            "images/results/puppets/before.jpg": 80,
        },
        abs=2,
    )


def test_notes_beside_the_marks_stay(results, tmp_path):
    path = write_results(results, tmp_path)
    first = path.read_text()
    path.write_text(f"Above.\n{first}\nWritten by hand: no GPU.\n")
    assert write_results(results, tmp_path).read_text() == f"Above.\n{first}\nWritten by hand: no GPU.\n"


@pytest.mark.parametrize("text", ["", f"{BEGIN}\nno end", END])
def test_a_page_without_marks_is_left_alone(results, tmp_path, text):
    (tmp_path / "results.md").write_text(text)
    with pytest.raises(InputError, match="to write between"):
        write_results(results, tmp_path)
    assert (tmp_path / "results.md").read_text() == text
