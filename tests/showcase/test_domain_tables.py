import pandas as pd
import pytest

from lfdm_pipeline.showcase.domain_tables import DOMAIN_COLUMNS, domain_tables


def test_a_table_a_domain_with_the_change_against_its_first_decoder():
    scores = pd.DataFrame(
        {
            "domain": ["new", "new", "old", "old"],
            "decoder": ["original", "decoder"] * 2,
            "l1": [0.04, 0.03, 0.02, 0.021],
            "label_accuracy": [0.5, 1.0, None, None],
            "changed_values": [0, 7, 0, 7],
        }
    )
    tables = domain_tables(scores)
    assert list(tables) == ["new", "old"]
    assert [row.decoder for row in tables["new"]] == ["original", "decoder"]
    assert [row.change for rows in tables.values() for row in rows] == pytest.approx([0, -0.25, 0, 0.05])
    named = [dict(zip(DOMAIN_COLUMNS, rows[-1].values, strict=True)) for rows in tables.values()]
    finetuned, forgetful = named
    assert (finetuned["label_accuracy"], finetuned["changed_values"]) == (1.0, 7)
    assert isinstance(finetuned["changed_values"], int)
    assert all(value is None for name, value in finetuned.items() if name not in scores), "what nobody measured"
    assert forgetful["label_accuracy"] is None
