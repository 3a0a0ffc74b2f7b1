"""Steps are timed by size and depth."""

from tests.worker.tiny import tiny_network
from worker.bench.speed.timings import network_timings
from worker.bench.timing import Timing


def test_every_layer_is_timed_at_every_size_smallest_first() -> None:
    # when
    timings = list(network_timings(tiny_network(), (40, 32)))

    # then: of a network of two layers, the deeper one is the middle one, too
    assert [(timing.layer, timing.side) for timing in timings] == [("shapes", 32), ("shapes", 40)] * 3
    assert all(0 < timing.step_seconds < timing.first_seconds for timing in timings[:1])


def test_a_rate_tells_megapixel_steps_a_second() -> None:
    assert Timing("tiny", "edges", "float32", 500, 1.0, 0.5).rate == 0.5
