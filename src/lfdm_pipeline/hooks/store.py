"""Where MLflow keeps runs."""

import os
from pathlib import Path
from typing import Any

SQLITE = "sqlite:///"
SERVERS = ("http://", "https://", "databricks")


def anchored(configuration: dict[str, Any], project: Path) -> dict[str, Any]:
    """The configuration of `mlflow.yml` with a database under the project, whatever the current directory.

    A relative SQLite path counts from the project. MLFLOW_TRACKING_URI wins where it is set. A server says
    itself where artifacts go; any database leaves that to its client.
    """
    anchored = dict(configuration)
    server, tracking = dict(anchored["server"]), dict(anchored["tracking"])
    uri = os.environ.get("MLFLOW_TRACKING_URI") or server["mlflow_tracking_uri"]
    if uri.startswith(SQLITE):
        database = project / uri.removeprefix(SQLITE)
        database.parent.mkdir(parents=True, exist_ok=True)
        uri = f"{SQLITE}{database}"
    if uri.startswith(SERVERS):
        tracking["experiment"] = {"name": tracking["experiment"]["name"]}
    server["mlflow_tracking_uri"] = uri
    return {**anchored, "server": server, "tracking": tracking}
