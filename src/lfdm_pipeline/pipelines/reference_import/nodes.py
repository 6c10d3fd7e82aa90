"""Published weights become the catalog's `lfae` and `dm`."""

import logging

import pandas as pd

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.kept_models import file_path
from lfdm_pipeline.models.conditioning import ConditioningOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.reference import importing
from lfdm_pipeline.unchanged import UNCHANGED, Unchanged

logger = logging.getLogger(__name__)


def require_file(lfae: str | None, dm: str | None) -> None:
    """Make sure that there is something to import.

    Raises:
        InputError: no file is given.
    """
    if lfae is None and dm is None:
        raise InputError("nothing to import: give --params reference.lfae=<file>,reference.dm=<file>, or one of them")


def import_lfae(file: str | None, model: LFAEOptions) -> tuple[LFAE, pd.DataFrame] | tuple[Unchanged, Unchanged]:
    """The LFAE of a published file and its curves, which nobody knows; what there is stays where no file is given."""
    if file is None:
        return UNCHANGED, UNCHANGED
    imported = importing.import_lfae(file_path(file), model)
    _report("lfae", file, imported)
    return imported.model, no_curves()


def import_dm(
    file: str | None, model: DMOptions, conditioning: ConditioningOptions
) -> tuple[DM, pd.DataFrame] | tuple[Unchanged, Unchanged]:
    """The DM of a published file and its curves, which nobody knows; what there is stays where no file is given."""
    if file is None:
        return UNCHANGED, UNCHANGED
    imported = importing.import_dm(file_path(file), model)
    _report("dm", file, imported)
    if conditioning.encoder != "bert":
        logger.warning(
            "dm: published weights know labels by BERT's vectors, and conditioning.encoder=%s gives others: "
            "right only for weights that were trained with these",
            conditioning.encoder,
        )
    return imported.model, no_curves()


def no_curves() -> pd.DataFrame:
    """Training curves without a point."""
    return pd.DataFrame({"step": pd.Series(dtype="int64")})


def _report(entry: str, file: str, imported: importing.Imported[LFAE] | importing.Imported[DM]) -> None:
    account = imported.account
    logger.info(
        "%s: %d tensors from %s, none missing, left over or of another shape; %d constants follow from the sizes; "
        "not read: %s",
        entry,
        len(account.fitting),
        file,
        len(account.constant),
        ", ".join(imported.others) or "nothing",
    )
    if imported.odd_constants:
        logger.warning("%s: constants that are not those of these sizes: %s", entry, ", ".join(imported.odd_constants))
