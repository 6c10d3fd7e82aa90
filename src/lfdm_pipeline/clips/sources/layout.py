"""What a corpus should look like, for those who have it elsewhere or not yet."""

from dataclasses import dataclass
from pathlib import Path

from lfdm_pipeline.errors import InputError


@dataclass(frozen=True)
class Layout:
    """A corpus by name, how its files lie, and who gives it out."""

    corpus: str
    tree: str
    origin: str

    def check(self, root: Path) -> None:
        """Check that something lies at the root.

        Raises:
            InputError: There is nothing.
        """
        if not root.is_dir() or next(root.iterdir(), None) is None:
            raise self.nothing_in(root)

    def nothing_in(self, root: Path) -> InputError:
        """The error where the root holds nothing of the corpus."""
        return InputError(
            f"no {self.corpus} in {root}: put {self.tree} there, or give its folder by --params raw_root=…; "
            f"the corpus is given out at {self.origin}"
        )
