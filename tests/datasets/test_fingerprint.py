from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.datasets.explanations import differences, mend
from lfdm_pipeline.datasets.fingerprint import Lineage, Step
from lfdm_pipeline.datasets.manifest import Manifest


@dataclass
class Kept:
    """An artifact without a file."""

    format_version: int = 1
    made: Manifest | None = None
    shared: Manifest | None = None

    def manifest(self) -> Manifest | None:
        return self.made

    def shared_manifest(self) -> Manifest | None:
        return self.shared


@dataclass
class Outside:
    fingerprint: str | None

    def source_fingerprint(self) -> str | None:
        return self.fingerprint


STEPS = (
    Step("one", ("params:source", "raw_root"), ("raw",)),
    Step("one", ("raw", "params:listing.order"), ("in_memory",)),
    Step("one", ("in_memory", "params:size", "workspace"), ("clips", "table")),
    Step("two", ("clips", "params:model", "params:training", "params:device"), ("weights",)),
    Step("three", ("weights", "table"), ("scores",)),
)
PARAMETERS: dict[str, Any] = {
    "source": {"people": 2},
    "listing": {"order": "name", "unused": 1},
    "size": 64,
    "model": {"width": 8},
    "training": {"workers": 0},
    "device": "cpu",
}


@dataclass
class World:
    parameters: Mapping[str, Any] = field(default_factory=lambda: PARAMETERS)
    raw: Outside = field(default_factory=lambda: Outside("listing"))
    kept: dict[str, Kept] = field(
        default_factory=lambda: {name: Kept() for name in ("clips", "table", "weights", "scores")}
    )

    steps: tuple[Step, ...] = STEPS
    files: tuple[str, ...] = ()

    def lineage(self) -> Lineage:
        return Lineage(self.steps, self.parameters, self.kept, {"raw": self.raw}, files=self.files)

    def fingerprints(self) -> dict[str, str]:
        return {name: self.lineage().expected(name).fingerprint for name in self.kept}

    def make(self, *entries: str) -> None:
        for entry in entries or self.kept:
            expected = self.lineage().expected(entry)
            self.kept[entry].made = Manifest.of(expected, mlflow_run_id=None)

    def changed(self, **parameters: Any) -> "World":
        return replace(self, parameters={**self.parameters, **parameters})


def differing(one: World, other: World) -> set[str]:
    before, after = one.fingerprints(), other.fingerprints()
    return {name for name in before if before[name] != after[name]}


def test_entries_in_memory_are_seen_through() -> None:
    expected = World().lineage().expected("clips")
    assert expected.parameters == {"source.people": 2, "listing.order": "name", "size": 64}
    assert expected.inputs == {"raw": "listing"}


def test_a_change_reaches_what_is_downstream() -> None:
    assert differing(World(), World().changed(size=32)) == {"clips", "table", "weights", "scores"}
    assert differing(World(), World().changed(model={"width": 9})) == {"weights", "scores"}
    assert differing(World(), World(raw=Outside("other"))) == {"clips", "table", "weights", "scores"}


def test_outputs_of_one_node_have_fingerprints_of_their_own() -> None:
    assert len(set(World().fingerprints().values())) == 4


@given(st.integers() | st.text(), st.dictionaries(st.text(), st.integers()))
def test_what_does_not_shape_results_never_counts(device: int | str, training: dict[str, int]) -> None:
    assert differing(World(), World().changed(device=device, training=training)) == set()


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("extraction", "batch_frames"),
        ("generation", "batch_size"),
        ("evaluation.reconstruction", "batch_size"),
        ("evaluation.probing", "batch_size"),
    ],
)
def test_what_was_made_survives_smaller_batches(group: str, name: str) -> None:
    def identity(frames: int, at_once: int) -> str:
        values: Any = {"frames": frames, name: at_once}
        for level in reversed(group.split(".")):
            values = {level: values}
        lineage = Lineage([Step("one", (f"params:{group}",), ("made",))], values, {"made": Kept()})
        return lineage.identity("made", apart_from=())

    assert identity(40, at_once=10) == identity(40, at_once=5)
    assert identity(40, at_once=10) != identity(20, at_once=10)


@given(st.integers() | st.text() | st.booleans() | st.none() | st.lists(st.integers()))
def test_equal_values_have_equal_fingerprints_and_others_do_not(value: Any) -> None:
    assert differing(World().changed(size=value), World().changed(size=value)) == set()
    assert differing(World().changed(size=value), World().changed(size=[value])) != set()


def test_a_new_format_makes_old_files_stale() -> None:
    world = World()
    world.make()
    world.kept["weights"].format_version = 2
    assert not world.lineage().is_current("weights")
    assert list(differences(world.lineage(), "weights")) == ["its format was version 1, is 2"]


def test_what_was_made_is_current_until_something_changes() -> None:
    world = World()
    assert not world.lineage().is_current("scores")
    world.make()
    assert all(world.lineage().is_current(name) for name in world.kept)
    assert not world.changed(size=1).lineage().is_current("scores")


def test_an_absent_source_is_taken_at_the_word_of_what_was_made_from_it() -> None:
    world = World()
    world.make()
    world.raw = Outside(None)
    assert all(world.lineage().is_current(name) for name in world.kept)


def test_names_the_cause_upstream() -> None:
    world = World()
    world.make()
    changed = world.changed(size=32)
    assert list(differences(changed.lineage(), "weights")) == ["size was 64, is 32 (through clips)"]


def test_names_the_cause_though_the_input_was_made_again_since() -> None:
    world = World()
    world.make()
    changed = world.changed(size=32)
    changed.make("clips", "table")
    assert list(differences(changed.lineage(), "weights")) == ["size was 64, is 32 (through clips)"]
    assert list(differences(changed.lineage(), "scores")) == ["size was 64, is 32 (through table)"]


def test_says_each_cause_once_however_many_ways_it_came() -> None:
    rungs = [(f"left_{number:02}", f"right_{number:02}") for number in range(20)]
    above = (Step("climb", rungs[number - 1], rungs[number]) for number in range(1, 20))
    steps = (Step("first", ("params:size", "params:listing.order"), rungs[0]), *above)
    world = World(steps=steps, kept={name: Kept() for rung in rungs for name in rung})
    world.make()
    changed = world.changed(size=32, listing={"order": "age"})
    assert list(differences(changed.lineage(), "right_19")) == [
        "listing.order was name, is age (through left_00)",
        "size was 64, is 32 (through left_00)",
    ]


def test_an_unknown_cause_names_what_it_struck() -> None:
    world = World()
    world.make()
    world.raw = Outside("other")
    assert list(differences(world.lineage(), "clips")) == ["it was made from another raw"]
    assert list(differences(world.lineage(), "weights")) == ["it was made from another raw (through clips)"]


def test_no_cause_is_invented_where_none_is_known() -> None:
    world = World()
    world.make()
    made = world.kept["weights"].made
    assert made is not None
    world.kept["weights"].made = replace(made, upstream={})
    changed = world.changed(size=32)
    changed.make("clips")
    assert list(differences(changed.lineage(), "weights")) == ["it was made from another clips"]


def test_a_file_that_a_parameter_names_counts_by_what_is_in_it(tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    picture.write_text("somebody")
    world = World(files=("model.picture",)).changed(model={"picture": str(picture)})
    world.make()
    assert world.lineage().is_current("weights")
    picture.write_text("somebody else")
    assert list(differences(world.lineage(), "weights")) == ["it was made from another model.picture"]
    assert not world.lineage().is_current("scores")
    assert world.lineage().is_current("clips")
    picture.unlink()
    assert world.lineage().is_current("weights"), "where the file is not, it is taken at the artifact's word"


def test_mending_takes_every_stale_stage_and_no_other() -> None:
    world = World()
    assert mend(world.lineage(), "scores") == "kedro run --pipelines one,two,three"
    world.make("clips", "table")
    assert mend(world.lineage(), "scores") == "kedro run --pipelines two,three"
    assert mend(world.lineage(), "clips") == "kedro run --pipelines one"


IMPORTED = Step("imports", ("params:model",), ("weights",))


def test_what_made_an_entry_says_what_it_should_be_made_from() -> None:
    world = World(steps=(*STEPS, IMPORTED))
    world.make("clips", "table", "weights")
    assert "clips" in world.lineage().expected("weights").inputs
    lineage = world.lineage()
    lineage.start([IMPORTED])
    made = lineage.to_make("weights")
    assert made.inputs == {}
    assert lineage.made_by("weights") == "imports"
    world.kept["weights"].made = Manifest.of(made, mlflow_run_id=None, made_by="imports")
    world.make("scores")
    assert all(world.changed(size=1).lineage().is_current(name) for name in ("weights",))
    assert world.lineage().is_current("scores")
    assert not world.changed(model={"width": 9}).lineage().is_current("weights")
    assert mend(world.changed(model={"width": 9}).lineage(), "weights") == "kedro run --pipelines imports"
    # A run of the stage itself makes it from what that stage reads, whatever was there before.
    lineage = world.lineage()
    lineage.start(STEPS)
    assert "clips" in lineage.to_make("weights").inputs


def test_mending_spares_what_is_current() -> None:
    world = World(steps=(*STEPS[:3], Step("three", ("table",), ("weights",)), STEPS[4]))
    world.make("clips", "table", "weights")
    assert mend(world.lineage(), "scores") == "kedro run --pipelines three --only-missing-outputs"
    assert mend(world.changed(size=1).lineage(), "scores") == "kedro run --pipelines one,three"


def test_a_part_changes_with_its_own_item_and_with_what_is_shared_alone() -> None:
    def parts(methods: dict[str, Any], seed: int = 0) -> dict[str, str]:
        step = Step("one", ("params:methods", "params:seed"), ("networks",))
        return Lineage([step], {"methods": methods, "seed": seed}, {"networks": Kept()}).parts("networks", "methods")

    methods = {"a": {"rank": 1}, "ab": {"rank": 1}}
    before = parts(methods)
    assert before.keys() == methods.keys()
    assert len(set(before.values())) == 2
    assert parts(methods | {"ab": {"rank": 2}})["a"] == before["a"]
    assert parts(methods | {"ab": {"rank": 2}})["ab"] != before["ab"]
    assert parts(methods | {"c": {"rank": 1}}).items() > before.items()
    assert not parts(methods, seed=1).items() & before.items()
