"""What a launcher (torchrun, srun) says about this process, from environment variables alone."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A process's place among those that train together."""

    rank: int
    size: int
    local_rank: int
    address: str
    port: int

    def variables(self) -> dict[str, str]:
        """The environment variables by which torch.distributed knows the place."""
        return {
            "RANK": str(self.rank),
            "WORLD_SIZE": str(self.size),
            "LOCAL_RANK": str(self.local_rank),
            "MASTER_ADDR": self.address,
            "MASTER_PORT": str(self.port),
        }


def launched(environment: Mapping[str, str] = os.environ) -> Place | None:
    """The place that torchrun or srun gave this process; None where it is alone.

    MASTER_ADDR and MASTER_PORT win where they are set. Under srun the address is otherwise the step's first node, where
    rank 0 runs, and the port follows from the job's number, so that two jobs on a node do not meet.
    """
    if int(environment.get("WORLD_SIZE", 1)) > 1 and "RANK" in environment:
        rank, size = int(environment["RANK"]), int(environment["WORLD_SIZE"])
        local_rank = int(environment.get("LOCAL_RANK", 0))
        address, port = "127.0.0.1", 29500
    # A batch script knows SLURM_NTASKS as well, but only a task of srun has a step.
    elif int(environment.get("SLURM_STEP_NUM_TASKS", 1)) > 1:
        rank, size = int(environment["SLURM_PROCID"]), int(environment["SLURM_STEP_NUM_TASKS"])
        local_rank = int(environment["SLURM_LOCALID"])
        address = first_host(environment["SLURM_STEP_NODELIST"])
        port = 20000 + int(environment["SLURM_JOB_ID"]) % 20000
    else:
        return None
    return Place(
        rank, size, local_rank, environment.get("MASTER_ADDR", address), int(environment.get("MASTER_PORT", port))
    )


def first_host(nodes: str) -> str:
    """The first host of a SLURM list such as `gpu[03-05,09],login1`."""
    head = re.match(r"([^\[,]*)(?:\[(\w+)[^\]]*\]([^,\[]*))?", nodes)
    return "".join(part or "" for part in head.groups()) if head else nodes
