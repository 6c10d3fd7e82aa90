"""Where MLflow keeps runs."""

import os
from pathlib import Path
from typing import Any

SQLITE = "sqlite:///"


def anchored(configuration: dict[str, Any], project: Path) -> dict[str, Any]:
    """The configuration of `mlflow.yml` with a database under the project, whatever the current directory.

    A relative SQLite path counts from the project. MLFLOW_TRACKING_URI wins where it is set; artifacts then
    go where that server wants them.
    """
    anchored = dict(configuration)
    server, tracking = dict(anchored["server"]), dict(anchored["tracking"])
    uri = server["mlflow_tracking_uri"]
    if os.environ.get("MLFLOW_TRACKING_URI"):
        server["mlflow_tracking_uri"] = None
        tracking["experiment"] = {"name": tracking["experiment"]["name"]}
    elif uri.startswith(SQLITE):
        database = project / uri.removeprefix(SQLITE)
        database.parent.mkdir(parents=True, exist_ok=True)
        server["mlflow_tracking_uri"] = f"{SQLITE}{database}"
    return {**anchored, "server": server, "tracking": tracking}
