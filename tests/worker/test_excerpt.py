"""Excerpts: the end of a text in whole lines and whole characters, legible, and never longer than allowed."""

from hypothesis import given
from hypothesis import strategies as st

from worker.excerpt import beginning, ending, legible

TEXTS = st.text(st.sampled_from("aé€😀\n"), max_size=200)


@given(text=TEXTS, most=st.integers(10, 100))
def test_an_ending_is_never_longer_than_allowed_and_whole_lines_where_they_fit(text: str, most: int) -> None:
    found = ending(text, most)

    assert len(found.encode()) <= most
    if found != text:
        mark, _, kept = found.partition("\n")
        assert mark == "…"
        assert text.endswith(kept)
        assert text[: len(text) - len(kept)].endswith("\n") or "\n" not in kept[:-1]


@given(text=st.text(max_size=50), most=st.integers(2, 60))
def test_a_beginning_is_the_text_or_says_that_it_was_cut(text: str, most: int) -> None:
    found = beginning(text, most)

    assert len(found) <= most
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_is_legible_can_be_stored_and_moves_no_cursor(text: str) -> None:
    found = legible(text, ())

    assert found.encode().decode() == found
    assert not set(found) & set("\x00\x07\x08\r\x1b\x7f\x9b\u202e")


def test_colours_vanish_and_lines_and_other_alphabets_stay() -> None:
    assert legible("\x1b[1;31mrot\x1b[0m\n\tЖ 猫 é", ()) == "rot\n\tЖ 猫 é"
