"""The one place where a stage's training is carried out."""

import pandas as pd

from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.checkpoint import Checkpoints
from lfdm_pipeline.training.launched import crew
from lfdm_pipeline.training.loop import Trainer
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.processes import run_in_processes
from lfdm_pipeline.training.task import Job, TrainingTask
from lfdm_pipeline.training.world import World
from lfdm_pipeline.workspace import Workspace


def train(
    task: TrainingTask, *, execution: ExecutionOptions, device: str, workspace: Workspace, log: RunLog
) -> pd.DataFrame:
    """Train to the last step, from the latest checkpoint in the workspace if there is one.

    Args:
        task: what is trained; its network is left in eval mode with the weights to keep.
        execution: what shapes the run only.
        device: where steps are computed, as configured.
        workspace: folder of the artifact that is made; checkpoints of another identity leave it.
        log: receiver of live values and previews.

    Returns:
        The curves: column `step` and one column a curve.

    Raises:
        InputError: too many steps in a row were not finite; memory or disk did not suffice; a process died.
        Stopped: SIGTERM or SIGINT asked to; what was done is saved.
    """
    workspace.claim()
    job = Job(task, execution, workspace, device)
    together = crew(device)
    if (together or execution.num_processes > 1) and not _finished(job):
        # Weights that an earlier training left on a GPU would be unpickled onto that one by all processes.
        task.step.cpu()
        if together:
            together.carry_out(job, log)
        else:
            run_in_processes(job, log)
    # Where others trained, this finds the last step taken.
    return Trainer(job, World.alone(device), log).fit()


def _finished(job: Job) -> bool:
    state = Checkpoints(job.workspace, job.execution.keep_checkpoints).latest()
    return state is not None and state["step"] == job.task.options.steps
