from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.parameters import check_parameters, path_parameters
from lfdm_pipeline.options import Options


class Inner(Options):
    steps: int = Field(default=3, gt=0)


class Other(Options):
    rate: float


class Shown(Options):
    picture: Path | None = None


class Outer(Options):
    inner: Inner = Inner()
    choice: Inner | Other = Inner()
    sizes: tuple[int, ...] = (1, 2)
    names: tuple[str, ...] = ()


DECLARED = {"outer": Outer, "seed": int, "group.free": dict[str, Any], "group.any": Any}


def refusal(parameters: dict[str, Any]) -> str:
    with pytest.raises(InputError) as error:
        check_parameters(parameters, DECLARED)
    return str(error.value)


def test_defaults_are_filled_in() -> None:
    checked = check_parameters({"outer": {}, "seed": 1}, DECLARED)
    assert checked["outer"] == {"inner": {"steps": 3}, "choice": {"steps": 3}, "sizes": [1, 2], "names": []}


@given(st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.none()))
def test_undeclared_content_below_a_declared_name_is_left_alone(content: dict[str, Any]) -> None:
    given_parameters = {"group": {"free": content, "any": [content]}}
    assert check_parameters(given_parameters, DECLARED) == given_parameters


def test_names_the_full_path() -> None:
    assert refusal({"outer": {"inner": {"steps": 0}}}) == (
        "parameter outer.inner.steps: input should be greater than 0, got 0"
    )


def test_paths_are_found_on_every_level() -> None:
    class Deep(Options):
        shown: Shown | None = None

    declared = {"deep": Deep, "given": Path, "optional": Path | None, "seed": int, "outer": Outer}
    assert set(path_parameters(declared)) == {"deep.shown.picture", "given", "optional"}


def test_union_members_are_not_part_of_the_path() -> None:
    assert "parameter outer.choice.rate: input should be a valid number" in refusal(
        {"outer": {"choice": {"rate": "fast"}}}
    )


def test_what_a_node_takes_as_it_is_may_not_need_converting() -> None:
    assert "seed" in refusal({"seed": "1"})


def test_all_problems_on_one_line() -> None:
    message = refusal({"sede": 1, "outer": {"sizes": "x"}})
    assert "parameter sede is unknown; did you mean seed?" in message
    assert "parameter outer.sizes" in message
    assert "\n" not in message


def test_a_value_in_place_of_a_group() -> None:
    assert refusal({"group": 3}) == "parameter group is a group (free, any), got 3"


def test_a_name_without_its_group_is_recognised() -> None:
    assert refusal({"outer": {"ratee": 3}}).endswith("outer.ratee is unknown; did you mean outer.choice.rate?")


def test_without_a_near_name_the_known_ones_are_listed() -> None:
    assert (
        refusal({"zzz": 1})
        == "parameter zzz is unknown; known here: allow_stale, data, experiment, group, outer, raw_root, seed"
    )


def test_names_that_only_shape_paths_are_known() -> None:
    assert check_parameters({"experiment": "a"}, DECLARED) == {"experiment": "a"}


def test_a_list_is_asked_for_in_words() -> None:
    assert refusal({"outer": {"sizes": 4}}) == "parameter outer.sizes: should be a list such as [4], got 4"
    assert refusal({"outer": {"names": "smile"}}) == (
        "parameter outer.names: should be a list such as ['smile'], got 'smile'"
    )
    assert refusal({"outer": {"sizes": None}}) == "parameter outer.sizes: should be a list, got None"


def test_a_number_in_place_of_text_is_to_be_quoted() -> None:
    assert refusal({"outer": {"names": ["ann", 1]}}) == (
        """parameter outer.names.1: should be text: put it in quotes, "001" in a file, '"001"' in a shell, got 1"""
    )
    assert refusal({"outer": {"names": [["ann"]]}}) == "parameter outer.names.0: should be text, got ['ann']"


@pytest.mark.parametrize("name", ["wide", "table_a2-as_configured", "größer", "v1.2+fast", 3])
def test_an_experiment_has_a_plain_name(name: str | int) -> None:
    assert check_parameters({"experiment": name}, DECLARED) == {"experiment": name}


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "..", ".hidden", "", "a b", "a\n", "/x", "s3://x"])
def test_an_experiment_that_leads_elsewhere_is_refused(name: str) -> None:
    assert refusal({"experiment": name}) == (
        "parameter experiment: should be a plain name: letters, digits, . _ + -, and no dot at its beginning, "
        f"got {name!r}"
    )
