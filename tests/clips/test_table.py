import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.table import is_safe_clip_id, select, validate_clip_table
from lfdm_pipeline.errors import InputError


def test_accepts_a_valid_table_and_orders_its_columns(table):
    valid = validate_clip_table(table[table.columns[::-1]])
    assert list(valid.columns)[:5] == ["clip_id", "source", "label", "subject", "split"]
    assert valid["ground_truth"].isna().all()
    assert valid["num_frames"].dtype == "int64"


@pytest.mark.parametrize(
    ("column", "value"),
    [("split", "validation"), ("clip_id", "../escape"), ("num_frames", 0), ("fps", 0.0), ("subject", None)],
)
def test_names_the_column_and_value_that_are_wrong(table, column, value):
    table = table.astype({column: object})
    table.loc[1, column] = value
    with pytest.raises(InputError, match=column):
        validate_clip_table(table)


def test_refuses_equal_ids_and_missing_columns(table):
    with pytest.raises(InputError, match="fps"):
        validate_clip_table(table.drop(columns="fps"))
    table.loc[1, "clip_id"] = table.loc[0, "clip_id"]
    with pytest.raises(InputError, match="clip_id"):
        validate_clip_table(table)


def test_clips_without_labels_are_valid(table):
    table["label"] = None
    assert validate_clip_table(table)["label"].isna().all()


def test_selects_a_split_in_the_order_of_ids(table):
    table.loc[0, "label"] = None
    shuffled = table.sample(frac=1, random_state=0)
    assert list(select(shuffled, "train")["clip_id"]) == ["clip0", "clip1", "clip2", "clip3"]
    assert list(select(shuffled, "train", labelled=True)["clip_id"]) == ["clip1", "clip2", "clip3"]


@pytest.mark.parametrize("clip_id", ["a", "take 1/günter-ß", "a.b", "x_1"])
def test_safe_ids(clip_id):
    assert is_safe_clip_id(clip_id)


@pytest.mark.parametrize("clip_id", ["", "/a", "../a", "a/../b", "a//b", ".a", "a\\b", "a:b", "a\nb", " a"])
def test_unsafe_ids(clip_id):
    assert not is_safe_clip_id(clip_id)


@given(st.text(max_size=20))
def test_a_safe_id_never_leaves_its_folder(tmp_path_factory, clip_id):
    root = tmp_path_factory.getbasetemp().resolve()
    if is_safe_clip_id(clip_id):
        assert root in (root / f"{clip_id}.npy").resolve().parents
