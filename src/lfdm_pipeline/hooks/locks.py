"""One run at a time makes an artifact."""

import atexit
import threading
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline.node import Node

from lfdm_pipeline.datasets import ArtifactDataset
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.lock import BEAT, Lock


class LockHooks:
    """Locks what a node makes before it reads anything, until the run ends; locks of killed runs are taken over."""

    def __init__(self) -> None:
        self._artifacts: dict[str, ArtifactDataset] = {}
        self._locks: dict[str, Lock] = {}
        self._ended = threading.Event()
        atexit.register(self._release)

    @hook_impl
    def after_catalog_created(self, catalog: DataCatalog) -> None:
        """Remember what can be locked."""
        self._artifacts = {name: entry for name, entry in catalog.items() if isinstance(entry, ArtifactDataset)}

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Take the locks of all that the node will make.

        Raises:
            InputError: another run is making one of them.
        """
        for name in node.outputs:
            if name in self._artifacts and name not in self._locks:
                lock = Lock(self._artifacts[name].path)
                lock.acquire()
                self._keep(name, lock)

    @hook_impl
    def before_dataset_saved(self, dataset_name: str) -> None:
        """Make sure that the lock was not lost, as by a machine that slept.

        Raises:
            InputError: another run took it over.
        """
        lock = self._locks.get(dataset_name)
        if lock is not None and not lock.is_held():
            raise InputError(f"{dataset_name}: another run took over what this one was making; run again")

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Give the locks back."""
        self._release()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Give the locks back."""
        self._release()

    def _keep(self, name: str, lock: Lock) -> None:
        if not self._locks:
            self._ended = threading.Event()
            threading.Thread(target=self._renew, args=(self._ended,), daemon=True).start()
        self._locks[name] = lock

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(BEAT.total_seconds()):
            for lock in list(self._locks.values()):
                lock.renew()

    def _release(self, *_: Any) -> None:
        self._ended.set()
        while self._locks:
            self._locks.popitem()[1].release()
