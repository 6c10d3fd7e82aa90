import pytest
from pydantic import ValidationError
from tests.clips.sources.conf import parameters

from lfdm_pipeline.clips.sources import SOURCES, SourceOptions, open_source
from lfdm_pipeline.clips.synthetic.options import SyntheticOptions


def test_an_unknown_source_names_those_there_are():
    with pytest.raises(ValidationError, match="unknown source 'mgu'; there are synthetic, folder"):
        SourceOptions(name="mgu")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_configured(name):
    corpus = {"synthetic": "base", "folder": "own"}.get(name, name)
    options = SourceOptions(**parameters(corpus)["source"])
    assert options.name == name
    assert callable(open_source(options).survey)


def test_a_source_without_its_options_says_where_they_are():
    with pytest.raises(ValidationError, match=r"source\.mug is not set; conf/mug/parameters\.yml"):
        SourceOptions(name="mug")


def test_the_synthetic_source_renders_and_lists_its_corpus(tmp_path):
    options = SyntheticOptions(
        size=16,
        train_subjects=1,
        test_subjects=1,
        takes=1,
        labels=("nod", "turn"),
        min_frames=4,
        max_frames=6,
    )
    source = open_source(SourceOptions(name="synthetic", synthetic=options))
    source.prepare(tmp_path)
    recordings = source.survey(tmp_path).recordings
    assert [(r.label, r.subject, r.split) for r in recordings] == [
        ("nod", "person000", "train"),
        ("turn", "person000", "train"),
        ("nod", "person001", "test"),
        ("turn", "person001", "test"),
    ]
    for recording in recordings:
        assert (tmp_path / recording.source).is_file()
        assert (recording.ground_truth is not None) == (recording.split == "test")
