from pathlib import Path

from lfdm_pipeline.hooks.new_domain import environments_from

PROJECT = Path(__file__).parents[2]


def test_the_new_domains_of_a_corpus_are_those_that_build_on_its_model() -> None:
    found = {corpus: environments_from(PROJECT / "conf", corpus) for corpus in ("synthetic", "mug", "own")}
    assert found == {"synthetic": ["synthetic_newdomain"], "mug": ["faceforensics"], "own": []}


def test_a_variant_or_one_of_several_models_counts(tmp_path: Path) -> None:
    for name, models in (("a", "mug/res10"), ("b", "[mhad, mug]"), ("c", "mhad"), ("d", "null")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "globals.yml").write_text(f"corpus: {name}\npretrained_from: {models}\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/globals.yml").write_text("# nothing\n")
    assert environments_from(tmp_path, "mug") == ["a", "b"]
