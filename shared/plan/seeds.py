"""Seeds: every stage has its own, and the same job always has the same ones."""

import hashlib
import secrets

from shared.spec.job import MAX_SEED, JobSpec


def derived_seed(seed: int, name: str) -> int:
    """A seed for the part of a job that bears this name, independent of every other part's."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def seeded(spec: JobSpec) -> JobSpec:
    """The spec with a seed: its own, or one drawn now."""
    if spec.seed is not None:
        return spec
    return spec.model_copy(update={"seed": secrets.randbelow(MAX_SEED + 1)})
