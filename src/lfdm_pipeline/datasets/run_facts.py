"""What run this is."""

from typing import Any

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.datasets.run_log import active_run_id


class RunFactsDataset(AbstractDataset[None, dict[str, str]]):
    """Corpus, experiment, command and MLflow run, for the report.

    Args:
        facts: what the configuration knows: corpus and experiment.
    """

    def __init__(self, *, facts: dict[str, str], metadata: dict[str, Any] | None = None) -> None:
        self.facts = facts
        self.metadata = metadata
        self._command = "kedro run"

    def bind(self, command: str) -> None:
        """Tell the dataset what command runs."""
        self._command = command

    def load(self) -> dict[str, str]:
        """The facts by name."""
        facts = {**self.facts, "command": self._command}
        run_id = active_run_id()
        return facts | ({"mlflow_run_id": run_id} if run_id else {})

    def save(self, data: None) -> None:
        """Never: the facts are an input."""
        raise DatasetError("the facts of a run are an input: nothing is saved to them")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return dict(self.facts)
