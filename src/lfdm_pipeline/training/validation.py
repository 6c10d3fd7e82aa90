"""The loss on examples that were never learned from."""

import torch

from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.batches import Division, batches
from lfdm_pipeline.training.precision import Precision
from lfdm_pipeline.training.seeding import validation_generator
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.world import World


@torch.no_grad()
def validation_loss(task: TrainingTask, world: World, precision: Precision, num_batches: int) -> float:
    """Mean loss of held-out examples, always the same ones with the same random numbers, networks in eval mode."""
    assert task.held_out is not None
    division = Division(task, world.rank, world.size)
    losses = []
    for number, parts in enumerate(batches(task.held_out, range(num_batches), division, world.device)):
        for turn, part in enumerate(parts):
            randomness = Randomness(validation_generator(task.seed, number), division.part(turn), division.parts)
            with precision.autocast():
                losses.append(task.step(part, randomness).total)
    return float(world.mean({"loss": torch.stack(losses).mean()})["loss"])
