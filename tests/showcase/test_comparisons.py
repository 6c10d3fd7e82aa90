import json

import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.showcase.comparisons import Comparison, read_comparisons
from lfdm_pipeline.showcase.pages import write_comparisons_page


@pytest.fixture
def folder(comparison, tmp_path):
    """A comparison that is whole beside one that is not."""
    comparison.write(tmp_path)
    comparison.model_copy(update={"name": "sota", "command": "kedro experiment sota --env mug"}).write(tmp_path)
    return tmp_path


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_what_is_written_is_read(comparison, folder):
    assert Comparison.read(folder / "table_a1.json") == comparison
    assert [each.name for each in read_comparisons(folder).finished] == ["sota", "table_a1"]


@pytest.mark.parametrize(
    "values", [{"video": "sota.mp4"}, {"chart": "sota.png"}, {"runs": 3}, {"of another": "version"}]
)
def test_an_old_comparison_stops_no_page_and_its_own_command_is_named(folder, caplog, values):
    change(folder / "sota.json", **values)
    kept = read_comparisons(folder)
    assert [each.name for each in kept.finished] == ["table_a1"]
    (words,) = kept.left_out
    assert "`kedro experiment sota --env mug` makes it anew" in words
    assert "`kedro experiment sota --env mug` makes it anew" in caplog.text
    assert words.split("`")[1] in write_comparisons_page("synthetic", kept, folder).read_text()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_of_one_that_says_nothing_any_more_the_name_is_what_is_known(folder, content):
    (folder / "sota.json").write_bytes(content)
    with pytest.raises(InputError, match=r"sota.json is damaged .* `kedro experiment sota` makes it anew"):
        Comparison.read(folder / "sota.json")
    assert len(read_comparisons(folder).left_out) == 1
