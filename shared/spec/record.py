"""The kind of model that every part of a spec is."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen, strict about names: a misspelt field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
