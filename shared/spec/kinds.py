"""The kinds of values that a spec can hold: JSON's, within bounds that every program behind the door can bear."""

from collections.abc import Iterator
from typing import Any, cast

from shared.errors import SpecError
from shared.spec.pointer import pointer_to

MOST_DEPTH = 32
"""No field of a spec lies deeper than ten."""
LARGEST = 2**63
"""Of whole numbers; beyond four thousand digits Python does not even show one."""


def check_kinds(data: Any, place: tuple[str, ...] = ()) -> None:
    """Refuse what JSON cannot carry or what has no bounds, wherever it lies below `place`.

    Raises:
        SpecError: with the place.
    """
    left: list[tuple[Any, tuple[str, ...]]] = [(data, place)]
    while left:
        value, here = left.pop()
        if len(here) > MOST_DEPTH:
            raise SpecError(f"nested too deep: more than {MOST_DEPTH} levels", pointer_to(here[:2]))
        fault = _fault(value)
        if fault:
            raise SpecError(fault, pointer_to(here))
        left.extend(_inner(value, here))


def _fault(value: Any) -> str | None:
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        return f"a whole number of {value.bit_length()} bits is too large; 64 bits are the most"
    if isinstance(value, str) and not _writable(value):
        return f"half a character: {value[:40]!r} cannot be written as UTF-8"
    if isinstance(value, dict):
        return next(filter(None, map(_fault, cast("dict[Any, Any]", value))), None)
    if value is None or isinstance(value, str | int | float | list):
        return None
    kind = type(value).__name__
    return f"a {kind} is nothing that JSON knows: {value!s:.40}; put it in quotes if text is meant"


def _inner(value: Any, place: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    if isinstance(value, dict):
        for key, item in cast("dict[Any, Any]", value).items():
            yield item, (*place, str(key))
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Any]", value)):
            yield item, (*place, str(number))


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
