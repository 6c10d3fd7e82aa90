import click
import pytest
from click.testing import CliRunner

from lfdm_pipeline.cli import run
from lfdm_pipeline.cli.parameters import given_parameters

OPTION = next(option for option in run.params if option.name == "params")


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", {}),
        ("a=1", {"a": 1}),
        ("a.b=x, a.c=0.5", {"a": {"b": "x", "c": 0.5}}),
        ("a.sizes=[1,2,4],b=true", {"a": {"sizes": [1, 2, 4]}, "b": True}),
        ("labels=[right hand wave, draw x],shard=2/8", {"labels": ["right hand wave", "draw x"], "shard": "2/8"}),
        ("a=[[1,2],[3]],b={c: 1, d: 2},e=null", {"a": [[1, 2], [3]], "b": {"c": 1, "d": 2}, "e": None}),
        ("url=s3://bucket/folder?x=1", {"url": "s3://bucket/folder?x=1"}),
        ("""image="me, you.png",b='#1, [x'""", {"image": "me, you.png", "b": "#1, [x"}),
        ("a=['x,y', \"]\"],b={c: 'd,e}', f: 1}", {"a": ["x,y", "]"], "b": {"c": "d,e}", "f": 1}}),
        ("a=it's,b=x],c=face[1].png,d=x=',e=1", {"a": "it's", "b": "x]", "c": "face[1].png", "d": "x='", "e": 1}),
        ("""a='it''s, so',b="say \\", x",c='1'""", {"a": "it's, so", "b": 'say ", x', "c": "1"}),
    ],
)
def test_a_comma_within_brackets_or_quotes_belongs_to_its_value(text, parameters):
    assert read(text) == parameters


def read(text):
    with click.Context(run) as context:
        return given_parameters(context, OPTION, text)


def test_what_comes_from_a_file_is_left_as_it_is():
    with click.Context(run) as context:
        assert given_parameters(context, OPTION, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("text", ["generation", "=3", "a=[1,2],b"])
def test_a_part_without_name_or_value_is_named(text):
    result = CliRunner().invoke(run, ["--params", text])
    assert result.exit_code == 2
    assert f"{text.split(',')[-1]!r} is not of the form name=value" in result.output


@pytest.mark.parametrize("text", ["a=[x,b=1", "a='x,b=1", "a=@x", "a=%x"])
def test_what_cannot_be_read_is_named_with_a_remedy(text):
    result = CliRunner().invoke(run, ["--params", text])
    assert result.exit_code == 2
    words = " ".join(result.output.replace("│", " ").split())
    assert "cannot be read" in words
    assert "is to be put in quotes" in words


def test_kedros_own_run_is_not_touched():
    from kedro.framework.cli.project import run as stock

    assert [option.name for option in stock.params] == [option.name for option in run.params]
    assert next(option for option in stock.params if option.name == "params").callback is not given_parameters
