"""Which subjects are for training and which for tests."""

from typing import Self

from pydantic import Field, model_validator

from lfdm_pipeline.options import Options


class SubjectSplit(Options):
    """Lists of subjects; one that is in neither is left out and reported."""

    train_subjects: tuple[str, ...] = Field(min_length=1)
    """Subjects seen in training."""
    test_subjects: tuple[str, ...] = ()
    """Subjects seen only in tests."""

    @model_validator(mode="after")
    def _are_apart(self) -> Self:
        both = sorted(set(self.train_subjects) & set(self.test_subjects))
        if both:
            raise ValueError(f"subject {both[0]!r} is listed for training and for tests")
        return self

    def split_of(self, subject: str) -> str | None:
        """train, test, or None for a subject that is in neither."""
        if subject in self.train_subjects:
            return "train"
        return "test" if subject in self.test_subjects else None

    def absent(self, found: set[str]) -> list[str]:
        """Listed subjects that are not among those found."""
        return [subject for subject in (*self.train_subjects, *self.test_subjects) if subject not in found]
