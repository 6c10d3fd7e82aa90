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


def test_other_servers_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    configuration = {**CONFIGURATION, "server": {"mlflow_tracking_uri": "http://server:5000"}}
    assert anchored(configuration, tmp_path) == configuration


def test_environment_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server:5000")
    result = anchored(CONFIGURATION, tmp_path)
    assert result["server"]["mlflow_tracking_uri"] is None
    assert result["tracking"]["experiment"] == {"name": "mug"}
    assert not (tmp_path / "data").exists()
