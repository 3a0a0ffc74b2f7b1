"""The protocol as a model: whatever anybody does in whatever order, its promises are kept.

The machine is shown to have teeth: with any rule of the protocol broken, it finds a promise that is not kept.
"""

import itertools

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.jobs import transitions
from shared.jobs.store import JobStore
from tests.shared.jobs.protocol.machine import ProtocolMachine

AT_LENGTH = settings(deadline=None, derandomize=True, max_examples=40, stateful_step_count=50)
UNTIL_IT_BREAKS = settings(AT_LENGTH, max_examples=100, phases=[Phase.generate])

MUTATIONS = {
    "acquire takes what is leased": ("acquire", "if status == 'running' then", "if status == 'rung' then"),
    "acquire takes up what is done": ("acquire", "if is_done(status) then return { 'done' } end", ""),
    "acquire forgets the limit": ("acquire", "'attempts', attempts + 1", "'attempts', attempts"),
    "tokens are counted from what Redis remembers": ("acquire", "+ 1, now)", "+ 1, 0)"),
    "commit is not fenced": ("commit", "if not holds(job, stage, token) then return { 'lost' } end", ""),
    "commit sent twice counts twice": ("commit", "stage_get(job, stage, 'committed_by') == token", "false"),
    "commit wakes nobody": ("commit", "'waiting', -1", "'waiting', 0"),
    "commit revives a canceled job": ("commit", "local open = ", "local open = true or "),
    "record_unit is not fenced": ("record_unit", "if not holds(job, stage, token) then return 'lost' end", ""),
    "release counts the attempt": ("release", "'attempts', -1", "'attempts', 0"),
    "expire takes from the living": ("expire", " or redis.call('EXISTS', lease_key(job, stage)) == 1", ""),
    "expire has no limit": ("expire", ">= attempts_allowed", ">= 1000"),
    "fail has no limit": ("fail", "< attempts_allowed", "< 1000"),
    "reopen forgets who waits": ("reopen", "'waiting', 1", "'waiting', 0"),
    "cancel forgets what runs": ("cancel", "if any_running(job) then", "if false then"),
    "retry forgets what runs": ("retry", "any_running(job) and 'running' or 'queued'", "'queued'"),
    "resume leaves stages paused": ("resume", "stage_set(job, stage, 'status', 'queued')", ""),
    "pause keeps the job's place": ("pause", "redis.call('ZREM', owner_key(job), job)", ""),
    "pause is not told": ("pause", "tell_job(job, 'paused')", ""),
}
"""What is broken: in which script, the text, and the text in its place."""


@pytest.fixture
def machine(store: JobStore) -> type[ProtocolMachine]:
    """A machine that sees no other's jobs."""
    prefixes = (f"model{number}" for number in itertools.count())

    class Apart(ProtocolMachine):
        def __init__(self) -> None:
            super().__init__(JobStore(store.redis, next(prefixes)))

    return Apart


def test_whatever_happens_every_promise_is_kept(machine: type[ProtocolMachine]) -> None:
    run_state_machine_as_test(machine, settings=AT_LENGTH)


@pytest.mark.thorough
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_protocol_breaks_a_promise(
    machine: type[ProtocolMachine], monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    script, text, instead = MUTATIONS[mutation]
    written = {name: transitions.source(name) for name in transitions.TRANSITIONS}
    assert text in written[script]
    written[script] = written[script].replace(text, instead)
    monkeypatch.setattr(transitions, "source", written.__getitem__)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=UNTIL_IT_BREAKS)
