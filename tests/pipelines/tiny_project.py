"""The real project with every size tiny, and the real command on it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]

TINY = """
device: cpu
training: {checkpoint_every: 2, log_every: 1, preview_every: 2}
source: {synthetic: {size: 32, train_subjects: 2, test_subjects: 1, min_frames: 6, max_frames: 8}}
ingestion: {size: 32}
lfae:
  model:
    {num_regions: 3, region_width: 4, region_max_width: 16, region_blocks: 2, background_width: 4,
     background_max_width: 16, background_blocks: 2, flow_width: 4, flow_max_width: 16, flow_blocks: 2,
     generator_width: 4, num_res_blocks: 1}
  region_training: {steps: 2, batch_size: 2, warmup_steps: 0}
  training: {steps: 3, batch_size: 2, warmup_steps: 0}
dm:
  model: {denoiser: {dim: 8, multipliers: [1, 2], feature_channels: 16, condition_dim: 8, heads: 2, head_dim: 8}}
  data: {num_frames: 4}
  training: {steps: 3, batch_size: 2, warmup_steps: 0}
generation: {num_frames: 4, sampler: {steps: 2}}
probe:
  data: {num_frames: 4}
  training: {steps: 3, batch_size: 2, warmup_steps: 0}
evaluation:
  reconstruction: {frames: 4}
  probing: {frames: 4}
  bootstrap: {resamples: 3}
  fvd: {frames: 4}
timing: {num_frames: 2, batch_size: 1, warmup: 0, repeats: 1, measured_steps: 1}
"""

EXPERIMENTS = """
table_a3:
  axes:
    - 32x32: {timing.image_size: 32}
    - DDPM 6: {timing.sampler.name: ddpm, timing.sampler.steps: 6}
      DDIM 1: {timing.sampler.name: ddim, timing.sampler.steps: 1}
sampling_steps:
  axes:
    - DDIM 1: {generation.sampler.name: ddim, generation.sampler.steps: 1}
      DPM-Solver++ 2: {generation.sampler.name: dpm_solver++, generation.sampler.steps: 2}
target_prediction:
  axes:
    - absolute: {dm.model.target: absolute}
    - epsilon: {dm.model.prediction: epsilon}
    - "1": {dm.training.steps: 1}
      "2": {dm.training.steps: 2}
mug_ddim:
  axes:
    - DDIM 1: {generation.sampler.name: ddim, generation.sampler.steps: 1}
      DDPM 2: {generation.sampler.name: ddpm, generation.sampler.steps: 2}
"""


def make_project(root: Path) -> Path:
    """Lay out the project under `root`, with an environment `tiny`."""
    shutil.copytree(PROJECT / "conf" / "base", root / "conf" / "base")
    shutil.copy(PROJECT / "pyproject.toml", root)
    shutil.copy(PROJECT / ".telemetry", root)
    (root / "src").mkdir()
    (root / "conf" / "tiny").mkdir()
    (root / "conf" / "tiny" / "parameters.yml").write_text(TINY)
    (root / "conf" / "tiny" / "globals.yml").write_text("shortened: {}\n")
    (root / "conf" / "tiny" / "experiments.yml").write_text(EXPERIMENTS)
    return root


def kedro(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`kedro run --env tiny` with arguments."""
    command = [sys.executable, "-m", "kedro", "run", "--env", "tiny", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@dataclass(frozen=True)
class Project:
    """The tiny project, run within the test's own process."""

    root: Path

    def run(self, *pipelines: str, **parameters: Any) -> None:
        from kedro.framework.project import settings

        with settings.SESSION_CLASS.create(self.root, env="tiny", runtime_params=parameters) as session:
            session.run(pipeline_names=list(pipelines))
