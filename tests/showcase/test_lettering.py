from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageDraw

from lfdm_pipeline.showcase.grid import CaptionedClip, clip_grid
from lfdm_pipeline.showcase.lettering import Face
from lfdm_pipeline.showcase.picture_table import CELL, Columns, Row, picture_table
from lfdm_pipeline.showcase.sheet import contact_sheet

FACE = Face(17)
WORDS = st.text(alphabet="aWgÄÿжi_/- 笑顔🙂\n", max_size=120)
STILL = np.full((1, 32, 32, 3), 77, np.uint8)


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.fixture(scope="module")
def written():
    """Boxes (left, top, right, bottom) of the lines that are drawn, in pixels, of all pictures so far."""
    boxes, draw_text = [], ImageDraw.ImageDraw.text

    def text(self, place, words, fill=None, font=None, anchor=None):
        boxes.append(self.textbbox(place, words, font=font, anchor=anchor))
        draw_text(self, place, words, fill=fill, font=font, anchor=anchor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageDraw.ImageDraw, "text", text)
        yield boxes


def hold_apart(picture, boxes, clips):
    """Lines are on the picture, off each other and off the clips, of which there are as many as said."""
    height, width = picture.shape[:2]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    assert (picture == 77).all(axis=-1).sum() == clips


@given(title=WORDS, head=WORDS, caption=WORDS)
@settings(max_examples=25, deadline=None)
def test_words_of_a_table_lie_on_nothing_at_any_length(written, title, head, caption):
    written.clear()
    columns = [Columns(title, (head, head)), Columns(title, (head,)), Columns("", ("given",))]
    picture = picture_table(columns, [Row(caption, [STILL] * 4)] * 2)[0]
    hold_apart(picture, written, 8 * CELL**2)


@given(captions=st.lists(WORDS, min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_captions_of_a_grid_lie_on_nothing_at_any_length(written, captions):
    written.clear()
    picture = clip_grid(STILL[0], [CaptionedClip(caption, STILL) for caption in captions])[0]
    hold_apart(picture, written, (len(captions) + 1) * 192**2)


@given(captions=st.lists(WORDS, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_captions_of_a_sheet_lie_on_nothing_at_any_length(written, captions):
    written.clear()
    picture = contact_sheet([CaptionedClip(caption, STILL) for caption in captions], columns=2)
    hold_apart(picture, written, len(captions) * 2 * CELL**2)


@given(WORDS, st.integers(20, 300), st.integers(1, 4))
@settings(deadline=None)
def test_lines_are_no_longer_and_no_more_than_asked_for(text, width, most):
    lines = FACE.lines(text, width, most)
    assert len(lines) <= most
    assert all(FACE.length(line) <= width for line in lines)


def test_lines_lose_no_word_where_there_is_room():
    text = "baseball swing from right and then some"
    assert " ".join(FACE.lines(text, 120, most=9)) == text


def test_what_is_left_out_is_an_ellipsis():
    assert FACE.lines("baseball swing from right", 120, most=1) == ["baseball…"]
    assert "".join(FACE.lines("x" * 40, 120, most=9)) == "x" * 40
