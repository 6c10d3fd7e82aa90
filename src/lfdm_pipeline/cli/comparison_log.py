"""A comparison in MLflow: a run of its own, and tags by which the compared runs are found."""

import re
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from lfdm_pipeline.showcase.comparisons import Comparison, matching


def log_comparison(comparison: Comparison, page: Path) -> None:
    """Log a comparison; in MLflow's page its runs are those with ``tags.`comparison.<name>` LIKE '%'``.

    The tag's value is the variant in words: a run may be part of several comparisons. The store is the one that the
    variants' own runs were logged to.
    """
    client = MlflowClient()
    for compared in comparison.runs:
        if compared.mlflow_run_id:
            _tag(client, compared.mlflow_run_id, comparison.name, compared.label)
    with mlflow.start_run(run_name=f"comparison {comparison.name}"):
        mlflow.set_tags({"comparison": comparison.name, "corpus": comparison.corpus, "command": comparison.command})
        for compared in comparison.runs:
            for column in comparison.columns:
                name = matching(compared.scores, column.score)
                value = compared.scores[name] if name else None
                if isinstance(value, int | float):
                    mlflow.log_metric(f"{_safe(compared.label)}/{_safe(column.title)}", float(value))
        mlflow.log_dict(comparison.model_dump(mode="json"), f"{comparison.name}.json")
        mlflow.log_artifact(str(page))


def _tag(client: MlflowClient, run_id: str, comparison: str, label: str) -> None:
    try:
        client.set_tag(run_id, f"comparison.{comparison}", label)
    except MlflowException:
        # The scores were kept from a run of another store, or one that was deleted since.
        return


def _safe(name: str) -> str:
    return re.sub(r"[^\w .:-]+", "_", name)
