"""What a step asks of a device is counted."""

from tests.worker.tiny import tiny_network
from worker.bench.speed.peak import Operations, style_operations


def test_products_of_convolutions_and_grams_are_counted_forward_and_back() -> None:
    # given
    edges, shapes = 5 * 7, 3 * 4

    # when
    operations = style_operations(tiny_network(), (5, 7))

    # then
    convolutions = edges * 9 * 3 * 6 + shapes * 9 * 6 * 8
    grams = edges * 6 * 6 + shapes * 8 * 8
    assert operations == Operations(2 * 2 * convolutions, 2 * 2 * grams)
