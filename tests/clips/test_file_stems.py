from pathlib import PurePosixPath, PureWindowsPath

from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.file_stems import file_stems

TEXTS = st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.text(alphabet="aA./\\ -"), unique=True)


@given(TEXTS)
def test_every_text_has_a_file_of_its_own_inside_the_folder(texts):
    stems = file_stems(texts)
    assert list(stems) == texts
    assert len({stem.casefold() for stem in stems.values()}) == len(texts)
    for stem in stems.values():
        name = f"{stem}.png"
        assert PurePosixPath(name).name == PureWindowsPath(name).name == name
        assert not name.startswith(".")
        assert len(name.encode()) < 200


def test_plain_labels_are_names_already():
    assert file_stems(["nod", "right-hand.2", "笑顔"]) == {t: t for t in ("nod", "right-hand.2", "笑顔")}
    assert file_stems(["sit to stand"]) == {"sit to stand": "sit-to-stand"}


def test_what_would_be_one_file_is_told_apart():
    stems = file_stems(["a/b", "a b", "Nod", "nod", ".", ".."])
    assert len({stem.casefold() for stem in stems.values()}) == 6
    assert stems["a/b"].startswith("a-b-")
    assert stems["nod"].startswith("nod-")


def test_a_name_does_not_depend_on_others_that_differ():
    assert file_stems(["nod", "smile"])["nod"] == file_stems(["nod"])["nod"]
