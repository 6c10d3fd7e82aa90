"""The report of a whole run, and the page of an experiment, as a person sees them."""

from pathlib import Path

from PIL import Image
from tests.showcase.browser import Browser

PICTURES = "[...document.querySelectorAll('img')].map(picture => picture.naturalWidth)"
TABLES = "document.querySelectorAll('table.sortable').length"


def test_the_report_that_a_run_leaves_plays_in_a_browser(project: Path, tmp_path: Path) -> None:
    with Browser(tmp_path) as browser:
        browser.open(project / "data/08_reporting/synthetic/main/report.html")
        videos = browser.wait_until_playing()
        assert videos
        assert not any(video["failed"] for video in videos)
        pictures = browser.evaluate(PICTURES)
        assert len(pictures) == 6, "how each label's clip is made"
        assert min(pictures) > 0
        assert browser.evaluate(TABLES) > 5
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
        with Image.open(browser.screenshot(tmp_path / "page.png")) as picture:
            assert picture.height > 2000
        assert browser.errors == []
