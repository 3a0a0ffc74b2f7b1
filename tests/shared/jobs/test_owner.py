"""Owners: which names are taken, and which of an owner's stages go before which."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadOwnerError, ConflictError
from shared.jobs.owner import ANONYMOUS, MOST_CHARACTERS, checked_owner
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases
from tests.shared.jobs.submitting import submit

BAD_NAMES = {
    "nothing": "",
    "blanks": "  ",
    "a space before": " ada",
    "a space behind": "ada ",
    "too long": (MOST_CHARACTERS + 1) * "a",
    "two lines": "ada\nlovelace",
    "a control character": "ada\x00",
    "nothing to see": "\u200b",
    "no character": "\udcff",
}


@pytest.mark.parametrize("name", ["a", "Ada Lovelace", "träumer", "team:7/night shift", MOST_CHARACTERS * "ж"])
def test_a_short_printable_name_is_taken_as_it_is(name: str) -> None:
    assert checked_owner(name) == name


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_any_other_name_is_refused_in_one_line_that_says_what_is_possible(name: str) -> None:
    with pytest.raises(BadOwnerError, match="1 to 64 printable characters") as caught:
        checked_owner(name)

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@given(name=st.text(max_size=MOST_CHARACTERS + 10))
def test_whatever_name_is_taken_fits_into_a_header_and_a_line(name: str) -> None:
    try:
        owner = checked_owner(name)
    except BadOwnerError:
        return
    assert 1 <= len(owner) <= MOST_CHARACTERS
    assert owner.isprintable()
    assert owner.encode().decode() == owner


def test_a_job_tells_its_owner_and_is_nobodys_by_default(store: JobStore) -> None:
    assert submit(store, owner="ada").owner == "ada"
    assert submit(store).owner == ANONYMOUS


def test_a_job_from_before_there_were_owners_is_nobodys_and_can_go_on(store: JobStore) -> None:
    job = submit(store)
    store.redis.hdel(f"{store.prefix}:job:{job.id}", "owner")

    paused = store.pause(job.id)
    store.resume(job.id)

    assert paused.owner == ANONYMOUS
    assert rank(store, submit(store).id) == 1


def test_two_owners_may_use_the_same_key(store: JobStore) -> None:
    first, second = submit(store, key="monday", owner="ada"), submit(store, key="monday", owner="bob", seed=8)

    assert first.id != second.id
    assert submit(store, key="monday", owner="ada").id == first.id
    with pytest.raises(ConflictError, match="'monday'"):
        submit(store, key="monday", owner="bob", seed=9)


def test_each_job_ranks_behind_the_older_ones_of_its_owner_and_of_nobody_else(store: JobStore) -> None:
    ada = [submit(store, owner="ada") for _ in range(3)]
    bob = [submit(store, owner="bob") for _ in range(2)]

    assert [rank(store, job.id) for job in ada] == [0, 1, 2]
    assert [rank(store, job.id) for job in bob] == [0, 1]


@pytest.mark.parametrize("rest", [JobStore.cancel, JobStore.pause])
def test_a_job_that_gives_out_nothing_does_not_count(store: JobStore, rest: Callable[[JobStore, str], object]) -> None:
    first, second = submit(store), submit(store)

    rest(store, first.id)

    assert rank(store, second.id) == 0


def test_a_job_that_comes_back_has_its_old_place(store: JobStore) -> None:
    first, second = submit(store), submit(store)
    store.pause(first.id)

    store.resume(first.id)

    assert [rank(store, job.id) for job in (first, second)] == [0, 1]


def test_a_job_that_is_done_leaves_its_place_to_the_next(store: JobStore, leases: Leases) -> None:
    first, second = submit(store), submit(store)

    for stage_id in ("dream-00", "dream-01", "style-00", "style-01", "animate"):
        leases.commit(begin(leases, first.id, stage_id), (), 1.0)

    assert rank(store, second.id) == 0


def test_within_a_job_stages_rank_behind_those_that_run_or_could_start(store: JobStore, leases: Leases) -> None:
    submit(store)
    job = submit(store)
    leases.commit(begin(leases, job.id, "dream-00"), (), 1.0)
    both = store.ranks(job.id)

    begin(leases, job.id, "dream-01")

    assert both == {"dream-01": 1, "style-00": 2}
    assert store.ranks(job.id) == {"style-00": 2}


def rank(store: JobStore, job_id: str) -> int:
    """Of the job's first stage."""
    return store.ranks(job_id)["dream-00"]


def begin(leases: Leases, job_id: str, stage_id: str) -> Lease:
    lease = leases.acquire(job_id, stage_id, "cpu0@here", "task")
    assert isinstance(lease, Lease)
    return lease
