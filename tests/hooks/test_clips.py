import pandas as pd
import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.clips import clip_checks


def check(nodes: set[str], rows: list[tuple[str, str | None, str]], image: str | None = None) -> None:
    table = pd.DataFrame(rows, columns=["clip_id", "label", "split"])
    for each in clip_checks(nodes, {"generation": {"image": image}}):
        each(table)


def test_a_label_that_only_tests_show_cannot_be_learned() -> None:
    rows = [("a", None, "train"), ("b", "nod", "test")]
    check({"train_lfae", "list_requests"}, rows)
    for learning in ("train_dm", "train_probe"):
        with pytest.raises(InputError, match="no training clip has a label"):
            check({"train_lfae", learning}, rows)
        check({learning}, [("a", "nod", "train")])


def test_without_test_clips_there_is_nobody_to_animate_but_in_a_picture() -> None:
    rows = [("a", "nod", "train")]
    with pytest.raises(InputError, match="no clip is in the test split"):
        check({"list_requests"}, rows)
    check({"list_requests"}, rows, image="face.png")
    check({"train_lfae"}, rows)
