"""What the synthetic corpus holds."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from lfdm_pipeline.clips.synthetic.motion import MOTIONS
from lfdm_pipeline.options import Options


class SyntheticOptions(Options):
    """Size and contents of the synthetic corpus; the same options give the same bytes."""

    size: int = Field(default=64, ge=16, le=1024, multiple_of=2)
    """Width and height of the videos in pixels."""
    train_subjects: int = Field(default=80, ge=1)
    """People seen in training."""
    test_subjects: int = Field(default=10, ge=0)
    """Other people, seen only in tests."""
    takes: int = Field(default=1, ge=1)
    """Clips of each label that each person gives, before another wall each; unlabelled: clips in all."""
    family: Literal["people", "puppets"] = "people"
    """Looks that everyone is drawn from, see `families.FAMILIES`."""
    labels: tuple[str, ...] = tuple(MOTIONS)
    """Motions to render."""
    labelled: bool = True
    """Whether the corpus says which motion a clip shows; where not, each of a person's `takes` clips shows any."""
    min_frames: int = Field(default=20, ge=4)
    """Shortest clip."""
    max_frames: int = Field(default=32, ge=4)
    """Longest clip."""
    fps: float = Field(default=25.0, gt=0)
    """Frames a second."""
    ground_truth: Literal["none", "test", "all"] = "test"
    """Whose clips get files of the exact flow."""
    seed: int = Field(default=0, ge=0)
    """Of everything random."""

    @field_validator("labels")
    @classmethod
    def _are_known(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [label for label in labels if label not in MOTIONS]
        if unknown or not labels or len(set(labels)) < len(labels):
            raise ValueError(f"{unknown or labels} must be different names among {', '.join(MOTIONS)}")
        return labels

    @model_validator(mode="after")
    def _shortest_is_shorter(self) -> "SyntheticOptions":
        if self.min_frames > self.max_frames:
            raise ValueError(f"min_frames {self.min_frames} is larger than max_frames {self.max_frames}")
        return self
