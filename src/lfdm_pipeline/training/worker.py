"""A training process that a node started: `python -m lfdm_pipeline.training.worker <job>`."""

import os
import pickle
import signal
import sys
import threading
import traceback
from pathlib import Path

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.environment import launched
from lfdm_pipeline.training.loop import Trainer
from lfdm_pipeline.training.messages import Failed, Finished, Interrupted, Message, MessageLog
from lfdm_pipeline.training.signals import SIGNALS, Stopped, StopRequest
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World


def main(path: Path) -> None:
    """Take part in the job that was pickled to `path`, and report through standard output."""
    pipe = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not get between the messages.
    os.dup2(2, 1)
    # The parent passes them on. Sent to all processes at once they would come twice, and the second time is the end.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    stop = StopRequest()
    threading.Thread(target=_heed_parent, args=(stop,), daemon=True).start()
    log = MessageLog(pipe)
    log.send(_outcome(path, log, stop))


def _outcome(path: Path, log: MessageLog, stop: StopRequest) -> Message:
    try:
        job: Job = pickle.loads(path.read_bytes())
        place = launched()
        assert place is not None
        Trainer(job, World.joined(job.device, place), log, stop).fit()
    except InputError as error:
        return Failed(str(error), for_user=True, order=1)
    except Stopped:
        return Interrupted()
    except Exception as error:
        return Failed(f"failed ({type(error).__name__}: {error})", trace=traceback.format_exc())
    return Finished()


def _heed_parent(stop: StopRequest) -> None:
    # The only word it ever sends asks to stop; reading ends when the parent does, even if it was killed. Not by
    # sys.stdin: a thread that waits in it holds its lock, for want of which the interpreter aborts at its end.
    if os.read(0, 1):
        stop.number = signal.SIGTERM
        os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
