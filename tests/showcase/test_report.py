from dataclasses import replace
from html.parser import HTMLParser

import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.showcase.comparisons import KeptComparisons
from lfdm_pipeline.showcase.exhibits import Exhibit
from lfdm_pipeline.showcase.report import ReportContent, render_report
from lfdm_pipeline.showcase.report_tables import figure, flat_parameters

VOID = {"meta", "img", "path", "br", "link"}


class Page(HTMLParser):
    """Collects tags and text, and holds the nesting to account."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(html)
        self.close()
        assert not self.open
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_says_everything_it_was_given(content):
    page = Page(render_report(content))
    for words in (
        "Scores The test clips show subjects that are in no training clip.",
        *("synthetic", "main", "0123abcd", "0.0123", "0.050", "48 clips", "0.938", "thing", "all <labels>"),
        *("Diffusion model", "2 of 3 recordings", "damaged & short", "all clips are short"),
        *("all clips 5 2 subjects 1 0", "model.num_regions", "make demo"),
        *("cFVD 12.50 ± 3.250 [10.50, 14.50]", "sample too small", "FVD –", "not measured: no file"),
        *(
            "Residual blocks Do more help? variant L1, % ↓ paper: error 6 blocks 4.200 0.418 10 blocks 3.700",
            "Only the direction",
        ),
        *("training steps until accuracy is 0.5 absolute 200", "kedro experiment table_a1"),
        *("0.246", "✓ at most 0.4", "✗ at least 0.95"),
    ):
        assert words in page.text


def test_the_page_needs_nothing_else(content):
    page = Page(render_report(content))
    addresses = [a[name] for _, a in page.tags for name in ("src", "href") if name in a]
    assert addresses
    assert all(address.startswith("data:") for address in addresses)
    (video,) = page.named("video")
    assert video["src"].startswith("data:video/mp4;base64,")
    assert {"autoplay", "muted", "loop", "controls"} <= set(video)
    assert len(page.named("svg")) == 1


def test_the_exhibits_of_experiments_are_inside(content, comparison):
    video = Exhibit("table_a1.mp4", "", content.exhibits[0].path)
    page = Page(render_report(replace(content, comparison_exhibits={comparison.name: video})))
    assert "table_a1.mp4" in page.text
    assert [video["src"][:22] for video in page.named("video")] == ["data:video/mp4;base64,"] * 2


def test_experiments_that_are_left_out_are_named_with_their_command(content):
    left_out = KeptComparisons([], ["sota is left out: sota.mp4 is missing: `kedro experiment sota` makes it anew"])
    page = Page(render_report(replace(content, comparisons=left_out)))
    assert "Experiments sota is left out: sota.mp4 is missing: `kedro experiment sota` makes it anew" in page.text


def test_what_is_absent_is_not_spoken_of():
    page = Page(render_report(ReportContent("own", "main", scores={"flow.note": "no ground truth in this corpus"})))
    assert "no ground truth in this corpus" in page.text
    for heading in ("What it makes", "Training", "Parameters", "Corpus", "What the probe sees"):
        assert heading not in page.text


@pytest.mark.parametrize("name", ["absent.mp4", "table.parquet"])
def test_a_missing_or_strange_exhibit_is_named(tmp_path, name):
    content = ReportContent("own", "main", scores={}, exhibits=[Exhibit("x", "", tmp_path / name)])
    with pytest.raises(InputError, match=name):
        render_report(content)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.012345, "0.0123"),
        (0.9375, "0.938"),
        (0.0, "0"),
        (32.091, "32.09"),
        (214.391, "214.4"),
        (12345.6, "12,346"),
        (48, "48"),
        (None, "–"),
        ("cpu", "cpu"),
    ],
)
def test_figures_are_short(value, words):
    assert figure(value) == words


def test_parameters_are_flattened_with_dotted_names():
    nested = {"a": {"b": 1, "c": {"d": [1, 2]}}, "e": {}}
    assert dict(flat_parameters(nested)) == {"a.b": "1", "a.c.d": "[1, 2]", "e": "{}"}
