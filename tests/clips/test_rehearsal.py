from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.rehearsal import Rehearsal


class Numbered:
    def __init__(self, name):
        self.name = name

    def __getitem__(self, draw):
        return {"of": self.name, "draw": draw}

    def clip_id(self, draw):
        return f"{self.name}/{draw}"


@given(st.floats(0, 0.99), st.integers(1, 3))
def test_keeps_its_share_and_draws_every_dataset_in_order(share, domains):
    mixed = Rehearsal(Numbered("new"), [Numbered(number) for number in range(domains)], share)
    drawn: dict[object, list[int]] = {}
    for draw in range(200):
        item = mixed[draw]
        assert mixed.clip_id(draw) == f"{item['of']}/{item['draw']}"
        drawn.setdefault(item["of"], []).append(item["draw"])
        old = sum(len(numbers) for name, numbers in drawn.items() if name != "new")
        assert abs(old - share * (draw + 1)) <= 1
    for numbers in drawn.values():
        assert numbers == list(range(len(numbers)))
    counts = [len(drawn.get(number, [])) for number in range(domains)]
    assert max(counts) - min(counts) <= 1
