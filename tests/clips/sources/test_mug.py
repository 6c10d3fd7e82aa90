from collections import Counter

import pytest
from tests.clips.fabricated import make_mug, tabulate_mug
from tests.clips.sources.conf import configured_source, parameters

from lfdm_pipeline.errors import InputError


def test_reads_ids_from_names_in_every_layout(fabricated):
    survey = configured_source("mug").survey(fabricated("mug"))
    assert [(r.source, r.clip_id, r.label, r.subject, r.split) for r in survey.recordings] == [
        ("001/001/anger/take000", "001_anger_take000", "anger", "001", "test"),
        ("001/001/happiness/take000", "001_happiness_take000", "happiness", "001", "test"),
        ("002/session0/fear/take000", "002_session0_fear_take000", "fear", "002", "test"),
        ("002/session1/fear/take000", "002_session1_fear_take000", "fear", "002", "test"),
        ("006/session0/neutral", "006_session0_neutral", "neutral", "006", "test"),
        ("008/mixed/take000", "008_mixed_take000", "mixed", "008", "train"),
        ("008/sadness/take000", "008_sadness_take000", "sadness", "008", "train"),
        ("017/anger/take000", "017_anger_take000", "anger", "017", "train"),
        ("017/anger/take001", "017_anger_take001", "anger", "017", "train"),
        ("017/Surprise/take000", "017_surprise_take000", "surprise", "017", "train"),
        ("049/session3/disgust/take002", "049_session3_disgust_take002", "disgust", "049", "test"),
    ]
    assert {r.fps for r in survey.recordings} == {19}


def test_names_what_it_does_not_use(fabricated):
    survey = configured_source("mug").survey(fabricated("mug"))
    assert [(each.source, each.reason) for each in survey.left_out] == [
        ("003/session0/anger/take000", "subject '003' is in no split"),
        ("008/fear/take000/smaller", "does not lie as subject/[session/]expression/[take]"),
        ("017/neutral/take000", "no frames in the folder"),
    ]
    strays, absent = survey.findings
    assert strays == (
        "files that are no frames and are not used (4): "
        "readme.txt, 008/all.avi, 008/sadness/take000/Thumbs.db, 008/sadness/take000/take000.avi"
    )
    assert absent.startswith("listed subjects without clips (46): 021, 028, ")


def test_a_folder_around_the_subjects_changes_nothing(tmp_path):
    make_mug(tmp_path / "subjects3/manual")
    assert len(configured_source("mug").survey(tmp_path).recordings) == 11


def test_a_clip_that_lies_there_twice_is_used_once(tmp_path):
    for folder in ("001/anger/take000", "001/001/anger/take000"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "img_0000.jpg").touch()
    survey = configured_source("mug").survey(tmp_path)
    assert [r.source for r in survey.recordings] == ["001/001/anger/take000"]
    assert [each.source for each in survey.left_out] == ["001/anger/take000"]


def test_counts_of_the_whole_corpus(tmp_path):
    subjects = parameters("mug")["source"]["mug"]
    train, test = subjects["train_subjects"], subjects["test_subjects"]
    assert len(train) == len(test) == 26
    tabulate_mug(tmp_path, train, test)
    survey = configured_source("mug").survey(tmp_path)
    assert Counter(r.split for r in survey.recordings) == {"train": 465, "test": 26 * 7}
    assert survey.left_out == survey.findings == ()


@pytest.mark.parametrize("name", ["absent", "empty", "other"])
def test_says_where_to_put_it(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other/videos").mkdir(parents=True)
    (tmp_path / "other/videos/a.mp4").touch()
    source = configured_source("mug")
    # What else lies there is seen in listing only.
    look = source.survey if name == "other" else source.prepare
    with pytest.raises(InputError, match=rf"no MUG in .*{name}: put its subjects' folders .*raw_root=…; .*mug\.ee"):
        look(tmp_path / name)
