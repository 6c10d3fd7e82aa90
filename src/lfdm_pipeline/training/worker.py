"""A training process that a node started: `python -m lfdm_pipeline.training.worker <job>`."""

import os
import pickle
import sys
import threading
import traceback
from pathlib import Path

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.environment import launched
from lfdm_pipeline.training.loop import Trainer
from lfdm_pipeline.training.messages import Failed, Finished, Interrupted, Message, MessageLog
from lfdm_pipeline.training.signals import Stopped
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World


def main(path: Path) -> None:
    """Take part in the job that was pickled to `path`, and report through standard output."""
    pipe = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not get between the messages.
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    log = MessageLog(pipe)
    log.send(_outcome(path, log))


def _outcome(path: Path, log: MessageLog) -> Message:
    try:
        job: Job = pickle.loads(path.read_bytes())
        place = launched()
        assert place is not None
        Trainer(job, World.joined(job.device, place), log).fit()
    except InputError as error:
        return Failed(str(error), for_user=True, order=1)
    except Stopped:
        return Interrupted()
    except Exception as error:
        return Failed(f"failed ({type(error).__name__}: {error})", trace=traceback.format_exc())
    return Finished()


def _end_with_parent() -> None:
    # Nobody writes: reading ends when the parent does, even if it was killed.
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
