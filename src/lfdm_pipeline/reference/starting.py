"""Starting a training from weights that are there already."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

from lfdm_pipeline.kept_models import CONFIG, WEIGHTS
from lfdm_pipeline.models.account import TensorAccount, assign
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options
from lfdm_pipeline.reference import denoiser as stage_two
from lfdm_pipeline.reference import lfae as stage_one
from lfdm_pipeline.reference.opening import open_tensors
from lfdm_pipeline.reference.state import read_published

logger = logging.getLogger(__name__)


def start_from(model: LFAE | DM, path: Path) -> TensorAccount:
    """Give a network that is to be trained the weights of an earlier one of the same sizes.

    Of a DM only the denoiser is taken: what its target is standardised by belongs to the flows it is trained on.

    Args:
        model: Receives the weights; unchanged where they do not fit.
        path: The folder of a kept model, or a published file.

    Raises:
        InputError: The weights cannot be read.
        MisfitError: Tensors are missing, left over or of another shape.
    """
    account = _from_folder(model, path) if path.is_dir() else _from_published(model, path)
    logger.info("started from %s: %d tensors", path, len(account.fitting))
    if differing := list(_differences(model.options, path / CONFIG)):
        logger.warning("started from %s, whose options were others: %s", path, "; ".join(differing))
    return account


def _from_folder(model: LFAE | DM, folder: Path) -> TensorAccount:
    network, prefix = (model.denoiser, "denoiser.") if isinstance(model, DM) else (model, "")
    names = {name: prefix + name for name in network.state_dict()}
    tensors = dict(open_tensors(folder / WEIGHTS))
    return assign(network, tensors, names, lambda name: name.startswith("target."), str(folder))


def _from_published(model: LFAE | DM, path: Path) -> TensorAccount:
    if isinstance(model, LFAE):
        return stage_one.fill_lfae(model, read_published(path, stage_one.NETWORKS))
    return stage_two.fill_denoiser(model.denoiser, read_published(path, stage_two.NETWORKS))


def _differences(options: Options, config: Path) -> Iterator[str]:
    if not config.is_file():
        return
    there, here = json.loads(config.read_text(encoding="utf-8")), options.model_dump(mode="json")
    yield from (f"{name} was {there.get(name)}, is {here[name]}" for name in here if there.get(name) != here[name])
