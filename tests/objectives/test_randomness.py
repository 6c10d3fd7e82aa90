import torch
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.objectives.randomness import Randomness


def draw(part: int, parts: int, items: int) -> list[torch.Tensor]:
    randomness = Randomness(torch.Generator().manual_seed(3), part, parts)
    return [randomness.normal(items, 2, 3), randomness.uniform(items), randomness.integers(1000, items)]


@given(st.integers(1, 5), st.integers(1, 6))
def test_parts_put_together_are_what_the_whole_batch_draws(parts: int, items: int) -> None:
    whole = draw(0, 1, items * parts)
    pieces = zip(*(draw(part, parts, items) for part in range(parts)), strict=True)
    for expected, drawn in zip(whole, pieces, strict=True):
        assert torch.equal(torch.cat(drawn), expected)
