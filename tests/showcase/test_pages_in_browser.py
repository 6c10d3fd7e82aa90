from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.showcase.browser import Browser

from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.showcase.comparisons import KeptComparisons
from lfdm_pipeline.showcase.pages import write_comparisons_page
from lfdm_pipeline.showcase.report import render_report
from lfdm_pipeline.showcase.scatter import draw_scatter

COLOURS = """(() => {
    const found = [];
    for (const e of document.querySelectorAll("h1, h2, h3, p, th, td, figcaption, dt, dd, summary, code")) {
        let ground = e;
        while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
        if (e.textContent.trim() && !getComputedStyle(ground).backgroundColor.startsWith("color("))
            found.push([e.tagName, getComputedStyle(e).color, getComputedStyle(ground).backgroundColor]);
    }
    return found;
})()"""


def column(browser, table, cells):
    """Texts of cells of a table, from top to bottom."""
    script = f"[...document.querySelectorAll('{table} tbody tr')].map(r => r.querySelector('{cells}').innerText)"
    return browser.evaluate(script)


def click(browser, selector):
    browser.evaluate(f"document.querySelector('{selector}').click()")


def luminance(colour):
    channels = np.array([int(part) for part in colour[4:-1].split(",")]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture
def page(content, tmp_path):
    video = np.random.default_rng(0).integers(0, 255, (20, 64, 64, 3), np.uint8)
    write_video(content.exhibits[0].path, video, 10)
    path = tmp_path / "report.html"
    path.write_text(render_report(content))
    return path


@pytest.fixture
def browser(tmp_path):
    with Browser(tmp_path) as opened:
        yield opened


def test_the_report_shows_without_errors_and_its_videos_play_in_light_and_dark(page, browser, tmp_path):
    for dark in (False, True):
        browser.open(page, dark)
        (video,) = browser.wait_until_playing()
        assert video["wide"] == 64
        assert not video["failed"]
        for tag, ink, ground in browser.evaluate(COLOURS):
            assert contrast(ink, ground) >= 4.5, (tag, ink, ground, dark)
        picture = np.asarray(Image.open(browser.screenshot(tmp_path / "page.png")).convert("L"), dtype=float)
        assert picture.shape[0] > 1000
        assert (np.median(picture) < 60) == dark
        assert picture.std() > 10
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.errors == []


def test_tables_are_sorted_by_a_click_and_go_back_by_the_third(page, browser):
    browser.open(page)
    head, first = "#table_a1 th:nth-child(2) button", "#table_a1 .scroll:nth-of-type(1) table"
    assert column(browser, first, "th") == ["6 blocks", "10 blocks"]
    click(browser, head)
    assert column(browser, first, "th") == ["10 blocks", "6 blocks"]
    click(browser, head)
    assert column(browser, first, "th") == ["6 blocks", "10 blocks"]
    click(browser, "#table_a1 th:nth-child(1) button")
    assert column(browser, first, "th") == ["10 blocks", "6 blocks"]  # as words
    click(browser, "#table_a1 th:nth-child(3) button")
    # The paper has a figure for six blocks alone: what is missing stays below, whichever way is sorted.
    assert column(browser, first, "th") == ["6 blocks", "10 blocks"]
    click(browser, "#table_a1 th:nth-child(3) button")
    assert column(browser, first, "th") == ["6 blocks", "10 blocks"]
    assert browser.errors == []


def test_the_foot_of_a_table_stays_below_whichever_way_it_is_sorted(page, browser):
    browser.open(page)
    table = "table:has(tfoot)"
    for expected in (["nod", "turn"], ["turn", "nod"]):
        click(browser, f"{table} th:nth-child(1) button")
        assert column(browser, table, "th") == expected
        rows = browser.evaluate(f"[...document.querySelectorAll('{table} tr')].map(r => r.innerText.split('\\t')[0])")
        assert rows[-2:] == ["all clips", "subjects"]


def test_the_page_can_be_used_without_seeing_it(page, browser):
    browser.open(page)
    levels = browser.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    heads = browser.evaluate(
        "[...document.querySelectorAll('.sortable thead th')].map(h => [h.role, h.querySelector('button').innerText])"
    )
    assert heads
    assert all(role is None and words for role, words in heads)
    named = browser.evaluate("[...document.querySelectorAll('video, img')].map(v => v.ariaLabel || v.alt)")
    assert all(named)
    assert len(set(named)) == len(named)


def test_on_a_phone_nothing_is_wider_than_the_page(page, browser):
    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=True)
    browser.open(page)
    assert browser.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    boxes = "[...document.querySelectorAll('.scores .words')].map(w => w.getBoundingClientRect())"
    assert all(left >= 0 and right <= 360 for left, right in browser.evaluate(f"{boxes}.map(b => [b.left, b.right])"))


def test_the_page_of_experiments_shows_their_videos(comparison, browser, tmp_path: Path):
    video = np.random.default_rng(0).integers(0, 255, (20, 64, 1600, 3), np.uint8)
    write_video(tmp_path / "table_a1.mp4", video, 10)
    shown = comparison.model_copy(update={"video": "table_a1.mp4"})
    browser.open(write_comparisons_page("synthetic", KeptComparisons([shown]), tmp_path))
    assert browser.wait_until_playing()[0]["wide"] == 1600
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.errors == []


def test_a_chart_of_an_experiment_is_no_wider_than_the_page(comparison, browser, tmp_path: Path):
    draw_scatter(tmp_path / "table_a1.png", {"few": (0.1, 100.0), "many": (10.0, 25.0)}, ("seconds", "distance"))
    shown = comparison.model_copy(update={"chart": "table_a1.png"})
    browser.open(write_comparisons_page("synthetic", KeptComparisons([shown]), tmp_path))
    picture, column = (
        browser.evaluate(f"document.querySelector('{name}').getBoundingClientRect().width")
        for name in (".comparison img", ".comparison")
    )
    assert picture == column
    assert browser.errors == []
