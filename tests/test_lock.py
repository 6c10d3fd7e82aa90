import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.lock import DEAD_AFTER, Holder, Lock
from lfdm_pipeline.storage import to_path

HOLD = """
import sys, time
from pathlib import Path
from lfdm_pipeline.lock import Lock
lock = Lock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def held_by(path: Path, **changes: object) -> Lock:
    """A lock that somebody else left at `path`."""
    lock = Lock(path)
    holder = replace(Holder.this_process(), **changes)  # type: ignore[arg-type]
    lock.path.write_text(json.dumps(asdict(holder)), encoding="utf-8")
    return lock


def test_one_holder_at_a_time(remote: str, tmp_path: Path) -> None:
    for path in (tmp_path / "lfae", to_path(f"{remote}/lfae")):
        first, second = Lock(path), Lock(path)
        first.acquire()
        with pytest.raises(InputError, match=rf"lfae is being made by another run \(process {os.getpid()} on .* since"):
            second.acquire()
        assert first.is_held()
        assert not second.is_held()
        second.release()
        assert first.is_held(), "who does not hold it cannot give it back"
        first.renew()
        first.release()
        second.acquire()
        second.release()
        assert not second.path.exists()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "dm")], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    lock = Lock(tmp_path / "dm")
    with pytest.raises(InputError, match=f"process {holder.pid} on "):
        lock.acquire()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    lock.acquire()
    assert lock.is_held()
    assert [path.name for path in tmp_path.iterdir()] == [".dm.lock"]


def test_a_process_id_that_is_used_again_is_another_process(tmp_path: Path) -> None:
    held_by(tmp_path / "dm", started=1.0, token="other").acquire()


def test_another_machine_is_dead_when_it_has_been_silent(remote: str, tmp_path: Path) -> None:
    def ago(time_ago: timedelta) -> str:
        return (datetime.now(UTC) - time_ago).isoformat()

    for path in (tmp_path / "dm", to_path(f"{remote}/dm")):
        fresh = held_by(path, host="elsewhere", renewed=ago(DEAD_AFTER / 2), token="other")
        with pytest.raises(InputError, match="elsewhere"):
            fresh.acquire()
        held_by(path, host="elsewhere", renewed=ago(DEAD_AFTER * 2), token="other").acquire()


def test_a_lock_that_was_taken_over_is_lost(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "dm")
    lock.acquire()
    other = held_by(tmp_path / "dm", token="other")
    assert not lock.is_held()
    lock.renew()
    lock.release()
    assert other.path.exists()


def test_a_lock_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "dm")
    lock.path.write_text("")
    with pytest.raises(InputError, match=r"if there is none, remove .*\.dm\.lock"):
        lock.acquire()


def test_of_many_that_take_over_one_wins(tmp_path: Path) -> None:
    """Children all find the same dead holder at the same moment."""
    held_by(tmp_path / "dm", started=1.0, token="dead")
    start = time.time() + 0.3
    children = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            time.sleep(max(0.0, start - time.time()))
            try:
                Lock(tmp_path / "dm").acquire()
            except BaseException:
                os._exit(1)
            # Stays alive until all have tried: else the next one would rightly take over from it.
            time.sleep(1.0)
            os._exit(0)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [0, *[1] * 7]
