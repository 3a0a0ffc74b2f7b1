"""Whom a job that is handed in belongs to."""

from typing import Any

import httpx
import pytest

Spec = dict[str, Any]


@pytest.mark.parametrize("owner", ["ada", "Ада Лавлейс", "team:7/night shift"])
def test_a_job_belongs_to_whom_the_header_names(http: httpx.Client, spec: Spec, owner: str) -> None:
    job = http.post("/v1/jobs", json=spec, headers={b"Dreamqueue-Owner": owner.encode()}).json()

    assert job["owner"] == owner
    assert http.get(job["links"]["self"]).json()["owner"] == owner
    assert [found["owner"] for found in http.get("/v1/jobs").json()["jobs"]] == [owner]


def test_a_job_without_the_header_is_nobodys(http: httpx.Client, spec: Spec) -> None:
    assert http.post("/v1/jobs", json=spec).json()["owner"] == "anonymous"


@pytest.mark.parametrize("owner", [b"", 65 * b"a", "Müller".encode("latin-1"), b"a\tb", "\u200b".encode()])
def test_a_header_that_is_no_name_is_refused(http: httpx.Client, spec: Spec, owner: bytes) -> None:
    refused = http.post("/v1/jobs", json=spec, headers={b"Dreamqueue-Owner": owner})

    assert (refused.status_code, refused.json()["code"]) == (422, "bad_owner")
    assert refused.headers["content-type"] == "application/problem+json"
    assert "1 to 64 printable characters" in refused.json()["detail"]
    assert http.get("/v1/jobs").json()["jobs"] == []


def test_the_same_key_of_two_owners_makes_two_jobs(http: httpx.Client, spec: Spec) -> None:
    answers = [
        http.post("/v1/jobs", json=spec, headers={"Idempotency-Key": "monday", "Dreamqueue-Owner": owner})
        for owner in ("ada", "bob", "ada")
    ]

    assert [answer.headers["idempotency-replayed"] for answer in answers] == ["false", "false", "true"]
    assert len({answer.json()["id"] for answer in answers}) == 2
