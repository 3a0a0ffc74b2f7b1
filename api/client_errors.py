"""What can go wrong for a client.

ClientError
├── ApiError           the service refused, and said why
├── NoConnectionError  the service does not answer
└── DownloadError      what came is not what was announced
"""

from collections.abc import Sequence

from shared.spec.mistakes import Mistake


class ClientError(Exception):
    """Anything that the client itself reports."""


class ApiError(ClientError):
    """The service refused: `code` is stable, `errors` names every field that is wrong."""

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[Mistake] = ()) -> None:
        super().__init__(status, code, detail, errors)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)

    def __str__(self) -> str:
        """What the service said."""
        return self.detail


class NoConnectionError(ClientError):
    """Nothing answers at the address, or it stopped answering."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        """Where, why, and what to do."""
        return f"no dreamqueue answers at {self.url} ({self.reason}); start one with `dreamqueue up`, or give --url"


class DownloadError(ClientError):
    """A file came through damaged, or has a name that leads out of the folder."""
