"""The base of every options class."""

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Validated, immutable options; an unknown name is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
