"""Whether the method of finetuning that is to be kept is there: known before all of them take their hours."""

from collections.abc import Mapping
from typing import Any

from lfdm_pipeline.errors import InputError, what_there_is


def check_kept_method(parameters: Mapping[str, Any]) -> None:
    """Check that `decoder_finetuning.keep` is one of `decoder_finetuning.methods`.

    Args:
        parameters: checked and nested.

    Raises:
        InputError: it is none.
    """
    finetuning = parameters.get("decoder_finetuning", {})
    kept, methods = finetuning.get("keep"), finetuning.get("methods", {})
    if kept is not None and kept not in methods:
        hint = what_there_is(kept, methods)
        raise InputError(f"parameter decoder_finetuning.keep: {kept} is none of decoder_finetuning.methods; {hint}")
