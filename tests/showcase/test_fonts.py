from pathlib import Path

import matplotlib
import pytest

from lfdm_pipeline.showcase import fonts

BUNDLED = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
LATIN, CIRCLED, CJK = "Grüße, мир", "Ⓐ", "笑顔"


@pytest.fixture
def machine(monkeypatch):
    """A machine with some of the fonts that come with matplotlib, and nothing else."""

    def has(*names):
        found = tuple(str(BUNDLED / name) for name in names)
        monkeypatch.setattr(fonts, "_system_fonts", lambda: found)
        fonts._file_for.cache_clear()
        fonts.legible.cache_clear()

    yield has
    fonts._file_for.cache_clear()
    fonts.legible.cache_clear()


def test_the_font_that_comes_with_the_project_is_used_wherever_it_will_do(machine):
    machine("STIXGeneral.ttf")
    assert fonts.font_for(LATIN, 17, bold=False).getname() == ("DejaVu Sans", "Book")
    assert fonts.font_for(LATIN, 17, bold=True).getname() == ("DejaVu Sans", "Bold")
    assert fonts.legible(LATIN, bold=False) == LATIN


def test_another_font_of_the_machine_is_used_where_it_has_the_letters(machine):
    machine("cmr10.ttf", "STIXGeneral.ttf")
    assert fonts.font_for(CIRCLED, 17, bold=False).getname()[0] == "STIXGeneral"
    assert fonts.legible(CIRCLED, bold=False) == CIRCLED


def test_letters_that_no_font_has_are_told_apart_and_named_in_the_log(machine, caplog):
    machine("STIXGeneral.ttf", "LastResortHE-Regular.ttf")
    assert fonts.legible(f"a {CJK}", bold=False) == "a U+7B11 U+9854"
    assert "U+7B11, U+9854 for letters of 'a 笑顔': install a font" in caplog.text


def test_what_does_not_print_is_left_out(machine):
    machine()
    assert fonts.legible("two\nlines\u200d\x07", bold=False) == "two lines"


def test_a_file_that_is_no_font_is_passed_over(machine, tmp_path):
    (tmp_path / "odd.ttf").write_bytes(b"no font")
    machine(tmp_path / "odd.ttf", "STIXGeneral.ttf")
    assert fonts.legible(CIRCLED, bold=False) == CIRCLED
