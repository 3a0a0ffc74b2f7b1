"""What Celery is told of an error: nothing but words, for its parent would load all that the error is made of."""

import pickle

from shared.errors import StageFailedError
from worker.child import stage_failed
from worker.verdict import MESSAGE_CHARACTERS


class LibraryError(Exception):
    """Made by a library that the parent must not load."""


def test_an_error_becomes_our_own_with_its_name_its_message_and_its_notes() -> None:
    error = LibraryError("dust at redis://:pw@here")
    error.add_note("all that is known of redis://:pw@here")

    told = stage_failed(error, ())

    assert (type(told), str(told)) == (StageFailedError, "LibraryError: dust at redis://:***@here")
    assert told.__notes__ == ["all that is known of redis://:***@here"]
    assert LibraryError.__module__.encode() not in pickle.dumps(told)


def test_an_error_without_a_message_is_told_by_its_name_and_a_long_one_is_cut() -> None:
    assert str(stage_failed(MemoryError(), ())) == "MemoryError"
    assert len(str(stage_failed(LibraryError("x" * 5000), ()))) == MESSAGE_CHARACTERS
