"""The error of one source of weights among several."""

from shared.errors import RetryableError


class SourceFailedError(RetryableError):
    """One source could not give the file; the next one may."""

    code = "weights_source_failed"
