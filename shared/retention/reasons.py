"""The reasons for which things go, as people read them."""

from enum import StrEnum


class Why(StrEnum):
    """Why something goes."""

    LEFT_OVER = "no unfinished stage needs it"
    HALF_WRITTEN = "whoever began to write it is gone"
    LOOKED_AT = "its time to be looked at is over"
    UNNEEDED = "no job refers to it"
    ENDED = "its jobs ended long enough ago"
    BUDGET = "more is kept than retention.max_bytes allows"
