"""Names jobs."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: nothing that looks alike, nothing that spells words."""
DIGITS = 20


def new_job_id() -> str:
    """A name that no other job has; names made later sort later, as far as clocks agree."""
    number = (time.time_ns() // 1_000_000 << 52) | secrets.randbits(52)
    return "job_" + "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(DIGITS)))
