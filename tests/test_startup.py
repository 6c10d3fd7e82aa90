"""`kedro run` reaches its first node without what only later nodes need."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
# Each takes a second or so to import; torch itself cannot be spared, since nodes are functions of modules of networks.
LATER = {
    "accelerate",
    "albumentations",
    "decord",
    "diffusers",
    "matplotlib",
    "numba",
    "sklearn",
    "torchmetrics",
    "transformers",
}
SCRIPT = """
import sys
from pathlib import Path
from kedro.framework.startup import bootstrap_project
bootstrap_project(Path.cwd())
from kedro.framework.project import pipelines, settings
dict(pipelines), settings.HOOKS
import lfdm_pipeline.cli
print(*{name.split(".")[0] for name in sys.modules})
"""


def test_libraries_of_later_nodes_are_not_imported() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SCRIPT]
    ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    imported = set(ran.stdout.splitlines()[-1].split())
    assert "lfdm_pipeline" in imported
    assert not imported & LATER
