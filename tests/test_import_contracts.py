"""Every module is held to a contract: one that is added is not forgotten."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "src" / "lfdm_pipeline"
# What may know Kedro and MLflow; of `pipelines`, the wiring alone.
RIM = {"__init__", "__main__", "cli", "datasets", "hooks", "pipeline_registry", "pipelines", "settings"}


def contracts() -> list[dict[str, list[str]]]:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    return list(settings["tool"]["importlinter"]["contracts"])


def test_all_but_the_rim_is_kept_from_the_frameworks() -> None:
    held = contracts()[0]["source_modules"]
    inside = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    plain = {f"lfdm_pipeline.{name}" for name in inside - RIM}
    plain |= {
        f"lfdm_pipeline.pipelines.{path.parent.name}.{path.stem}"
        for path in (PACKAGE / "pipelines").glob("*/*.py")
        if path.stem not in ("__init__", "pipeline")
    }
    assert {name for name in plain if not any(fnmatchcase(name, pattern) for pattern in held)} == set()


def test_every_package_has_its_layer() -> None:
    (layers,) = [each["layers"] for each in contracts() if "layers" in each]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} <= placed
