"""Errors as RFC 9457 problems."""

import httpx
import pytest

from api.problems import STATUSES, nearest, problem_of
from shared import errors
from shared.errors import DreamqueueError

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DreamqueueError)]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_a_status(kind: type[DreamqueueError]) -> None:
    assert nearest(STATUSES, kind("what happened")) >= 400


def test_what_is_set_up_wrongly_is_not_told_to_clients() -> None:
    told = problem_of(errors.ConfigurationError("the password is secret"))

    assert told.status == 500
    assert "secret" not in told.detail


def test_an_unknown_path_is_a_problem_too(http: httpx.Client) -> None:
    refused = http.get("/v1/nothing")

    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.status_code, refused.json()["code"]) == (404, "no_such_path")


def test_a_method_that_is_not_offered_is_refused_with_those_that_are(http: httpx.Client) -> None:
    refused = http.put("/healthz")

    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in refused.headers["allow"]


def test_a_surprise_leaks_nothing(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def surprise(_: object) -> None:
        raise RuntimeError("the password is secret")

    monkeypatch.setattr("api.routes.networks._answer", surprise)

    refused = http.get("/v1/networks")

    assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")
    assert "secret" not in refused.text
    assert refused.headers["content-type"] == "application/problem+json"
