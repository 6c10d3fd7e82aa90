from pathlib import Path

import pytest

from lfdm_pipeline.hooks.store import anchored

CONFIGURATION = {
    "server": {"mlflow_tracking_uri": "sqlite:///data/mlflow.db"},
    "tracking": {"experiment": {"name": "mug", "create_experiment_kwargs": {"artifact_location": "data/a"}}},
}


def test_relative_database_counts_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    result = anchored(CONFIGURATION, tmp_path)
    assert result["server"]["mlflow_tracking_uri"] == f"sqlite:///{tmp_path}/data/mlflow.db"
    assert (tmp_path / "data").is_dir()


def test_a_server_says_itself_where_artifacts_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    result = anchored({**CONFIGURATION, "server": {"mlflow_tracking_uri": "http://server:5000"}}, tmp_path)
    assert result["server"]["mlflow_tracking_uri"] == "http://server:5000"
    assert result["tracking"]["experiment"] == {"name": "mug"}


@pytest.mark.parametrize("uri", ["https://server", "sqlite:////elsewhere/mlflow.db"])
def test_environment_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri.replace("/elsewhere", str(tmp_path)))
    result = anchored(CONFIGURATION, tmp_path / "project")
    assert result["server"]["mlflow_tracking_uri"] == uri.replace("/elsewhere", str(tmp_path))
    assert ("create_experiment_kwargs" in result["tracking"]["experiment"]) == uri.startswith("sqlite")
    assert not (tmp_path / "project").exists()
