"""Keeps passwords out of what is logged, and of what is kept with a failure."""

import os
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from shared.settings import Settings

HIDDEN = "***"
CREDENTIALS = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/@:]*):[^\s/@]+@", re.IGNORECASE)
"""A password within any address at all."""
SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""What an artifact store in a bucket is opened with."""


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The passwords that this process works with, as they stand in addresses and as they are."""
    inside = [urlsplit(url).password or "" for url in (settings.redis.url, settings.redis.broker)]
    outside = [os.environ.get(name, "") for name in SECRET_VARIABLES]
    known = {*inside, *map(unquote, inside), *outside} - {""}
    # The longest first: one that holds another is hidden whole.
    return tuple(sorted(known, key=lambda secret: (-len(secret), secret)))


def redacted(text: str, secrets: Sequence[str]) -> str:
    """The text with a sign in the place of every secret and of every password in an address."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return CREDENTIALS.sub(rf"\g<before>:{HIDDEN}@", text)
