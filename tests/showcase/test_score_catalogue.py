from pathlib import Path

from lfdm_pipeline.showcase.score_catalogue import GROUPS

RESULTS = Path(__file__).parents[2] / "docs" / "results.md"


def test_the_page_of_results_explains_scores_as_reports_do() -> None:
    page = RESULTS.read_text(encoding="utf-8")
    for group in ("reconstruction", "flow", "generation", "identity", "probe"):
        assert f"**{GROUPS[group].title}.** {GROUPS[group].explanation}\n" in page


def test_promises_of_the_decoder_no_more_than_it_may_keep() -> None:
    said = GROUPS["reconstruction"].explanation
    assert "prediction must beat the warp" not in said
    assert "after a short training it may not" in said
