"""Hands jobs in, as the API does."""

from shared.jobs.owner import ANONYMOUS
from shared.jobs.records import JobRecord
from shared.jobs.store import JobStore
from tests.counting import counting_plan, counting_spec


def submit(store: JobStore, name: str = "", key: str | None = None, seed: int = 7, owner: str = ANONYMOUS) -> JobRecord:
    """A job of five stages that only count."""
    spec = counting_spec(4, 5, name=name, seed=seed)
    return store.create(spec, counting_plan(spec), owner=owner, idempotency_key=key)[0]
