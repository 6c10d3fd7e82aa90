import numpy as np

from lfdm_pipeline.showcase.lettering import GROUND
from lfdm_pipeline.showcase.picture_table import CELL, GROUP_GAP, MARGIN, Columns, Row, picture_table

SIZE = 32


def clip(shade, length=1):
    return np.full((length, SIZE, SIZE, 3), shade, np.uint8)


def shares(frame):
    """Share of the frame's pixels that each shade of the clips covers."""
    return {shade: float((frame == shade).all(-1).mean()) for shade in (60, 90, 120, 200)}


def test_every_clip_has_its_cell_and_plays_to_the_longest_end():
    rows = [
        Row("first", [clip(60), clip(90, 3), np.concatenate([clip(120, 2), clip(200, 2)])]),
        Row("second", [clip(60), clip(60), clip(60)]),
    ]
    table = picture_table([Columns("given", ("image",)), Columns("turn", ("before", "after"))], rows, hold=2)
    assert table.shape[0] == 4 + 2
    assert table.shape[1] % 2 == table.shape[2] % 2 == 0
    cell = CELL**2 / (table.shape[1] * table.shape[2])
    np.testing.assert_allclose([shares(table[0])[s] for s in (60, 90, 120, 200)], [4 * cell, cell, cell, 0], atol=1e-3)
    np.testing.assert_allclose([shares(table[-1])[s] for s in (60, 90, 120, 200)], [4 * cell, cell, 0, cell], atol=1e-3)
    assert (table[0, 0, 0] == GROUND).all()


def test_rows_without_words_take_no_room_for_them():
    columns = [Columns("one", ("head",))]
    named, bare = (picture_table(columns, [Row(caption, [clip(60)])]) for caption in ("words", ""))
    assert bare.shape[2] < named.shape[2]


def test_a_long_title_stays_above_its_own_columns():
    columns = [Columns("", ("",)), Columns("the paper's pair", ("",)), Columns("", ("",))]
    table = picture_table(columns, [Row("", [clip(60), clip(90), clip(120)])])[0]
    inked = np.flatnonzero((table[: MARGIN + 17] != GROUND).any(axis=(0, 2)))
    left = MARGIN + CELL + GROUP_GAP
    assert left <= inked.min() < inked.max() < left + CELL
