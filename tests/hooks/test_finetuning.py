from pathlib import Path
from typing import Any

import pytest
from kedro.framework.startup import bootstrap_project
from tests.test_configurations import configured

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.finetuning import check_kept_method
from lfdm_pipeline.hooks.project import lineage_of

PROJECT = Path(__file__).parents[2]


def check(corpus: str, **finetuning: Any) -> None:
    check_kept_method(configured("parameters", corpus, decoder_finetuning=finetuning))


@pytest.mark.parametrize("corpus", ["local", "mug", "faceforensics", "synthetic_newdomain"])
def test_every_configuration_keeps_a_method_that_it_has(corpus: str) -> None:
    check(corpus)


def test_a_method_that_is_given_may_be_kept() -> None:
    check("local", methods={"slow": {"layers": ["final"]}}, keep="slow")


@pytest.mark.parametrize(
    ("keep", "hint"), [("decodr", r"did you mean decoder\?"), ("everything", "there are: decoder")]
)
def test_a_name_that_is_no_method_is_refused(keep: str, hint: str) -> None:
    with pytest.raises(InputError, match=rf"decoder_finetuning.keep: {keep} is none of .*methods; {hint}"):
        check("local", keep=keep)


def test_it_is_refused_with_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    bootstrap_project(PROJECT)
    with pytest.raises(InputError, match="did you mean rehearsal"):
        lineage_of(PROJECT, "synthetic_newdomain", {"decoder_finetuning": {"keep": "rehersal"}})
