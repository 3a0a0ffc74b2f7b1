"""What is kept of a long text: an end of it, in characters that can be stored and shown anywhere."""

import re
from collections.abc import Sequence

from shared.redaction import redacted

MOST_BYTES = 8 * 1024
CUT = "…"
# Colours, what moves a cursor or turns the direction of writing, and halves of characters, which no store takes.
UNSAFE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def legible(text: str, secrets: Sequence[str]) -> str:
    """The text without secrets and without signs that are not to be read."""
    return redacted(UNSAFE.sub("", text), secrets)


def beginning(text: str, most_characters: int) -> str:
    """The first characters of a text, with a sign where it was cut."""
    return text if len(text) <= most_characters else text[: most_characters - len(CUT)] + CUT


def ending(text: str, most_bytes: int = MOST_BYTES) -> str:
    """The last lines of a text, as many as so many bytes of UTF-8 hold; of a line longer than that, its end."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    room = most_bytes - len(f"{CUT}\n".encode())
    kept = encoded[-room:].decode(errors="ignore")
    whole_lines = kept.partition("\n")[2]
    return f"{CUT}\n{whole_lines or kept}"
