"""The one place where a stage's training is carried out."""

import pandas as pd

from lfdm_pipeline.device import pick_device
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.loop import Trainer
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.workspace import Workspace


def train(
    task: TrainingTask, *, execution: ExecutionOptions, device: str, workspace: Workspace, log: RunLog
) -> pd.DataFrame:
    """Train to the last step, from the latest checkpoint in the workspace if there is one.

    Args:
        task: what is trained; its network is left in eval mode with the weights to keep.
        execution: what shapes the run only.
        device: where steps are computed, as configured.
        workspace: folder of the artifact that is made; checkpoints of another identity in it are removed.
        log: receiver of live values and pictures.

    Returns:
        The curves: column `step` and one column a curve.

    Raises:
        InputError: too many steps in a row were not finite, or a checkpoint could not be written.
    """
    workspace.claim()
    return Trainer(task, execution, workspace, pick_device(device), log).fit()
