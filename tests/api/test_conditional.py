"""Entity tags and when they match."""

import pytest

from api.conditional import matches


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', "*"])
def test_a_tag_that_is_named_matches(header: str) -> None:
    assert matches('"a"', header)
    assert matches('W/"a"', header)


@pytest.mark.parametrize("header", [None, "", '"b"', "a", '"A"'])
def test_a_tag_that_is_not_named_does_not_match(header: str | None) -> None:
    assert not matches('"a"', header)
