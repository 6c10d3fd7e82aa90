"""What a command is told and what it reads are the same."""

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lfdm_pipeline.cli import run
from lfdm_pipeline.cli.parameters import given_parameters
from lfdm_pipeline.experiments.writing import written

numbers = st.from_regex(r"[-+]?[0-9_.]+(e[-+]?[0-9]+)?", fullmatch=True)
marks = st.text("ab1 ,.'\"[]{}#:=\\\n$&*!|>%@`-?~_/", max_size=8)
anything = st.text(st.characters(exclude_categories=["Cs"]))
# Configurations may refer to each other's values; that is no text.
texts = (numbers | marks | anything).filter(lambda text: "${" not in text)
scalars = texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
values = scalars | st.lists(scalars | st.lists(scalars) | st.dictionaries(texts, scalars))


def read(text):
    with click.Context(run) as context:
        return given_parameters(context, None, text)


@given(value=values, other=values)
@example("me, you.png", "a # b")
@example("x]", "[x")
@example("1e3", 1e3)
@example("null", None)
@example("2026-01-01", "0x1F")
@example("it's", 'say "so"')
@example("\x85\u2028\n", "😀 \\")
def test_what_is_written_is_read_again(value, other):
    assert read(written({"a.b": value, "c": other})) == {"a": {"b": value}, "c": other}


@pytest.mark.parametrize(
    "text",
    ["own/main", "ddim", "s3://lfdm/data", "/data/face.png", "../a.png", "2/8", "right hand wave", "dpm_solver++"],
)
def test_what_needs_no_quotes_gets_none(text):
    assert written({"a": text, "b": [text]}) == f"a={text},b=[{text}]"
