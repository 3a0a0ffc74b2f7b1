"""Jobs handed in."""

import threading
from typing import Any

import httpx
import pytest
import yaml

from shared.broker import celery_app, connect_broker, waiting_messages
from shared.equipment import Equipment
from tests.api.conftest import Service
from tests.api.painter import png

Spec = dict[str, Any]
YAML = {"Content-Type": "application/yaml"}
NOBODY = "sha256:" + 64 * "0"


def test_a_job_is_accepted_and_told_to_the_workers(http: httpx.Client, service: Service, spec: Spec) -> None:
    answer = http.post("/v1/jobs", json=spec)

    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}" == job["links"]["self"]
    assert (job["status"], job["seed"], job["stages_total"], job["size"]) == ("queued", 7, 3, [48, 64])
    assert job["created_at"].endswith("Z")
    (message,) = waiting_messages(connect_broker(service.settings))
    assert message.stage == (job["id"], "dream-00")


def test_a_seed_is_drawn_when_none_is_given(http: httpx.Client, spec: Spec) -> None:
    del spec["seed"]

    seeds = {http.post("/v1/jobs", json=spec).json()["seed"] for _ in range(3)}

    assert len(seeds) == 3


def test_a_spec_may_be_yaml(http: httpx.Client, spec: Spec) -> None:
    answer = http.post("/v1/jobs", content=yaml.safe_dump(spec), headers=YAML)

    assert answer.status_code == 202
    assert answer.json()["spec"]["dream"]["layers"] == ["conv4_2", "conv5_1"]


def test_a_dry_run_answers_with_the_plan_and_makes_no_job(http: httpx.Client, spec: Spec) -> None:
    answer = http.post("/v1/jobs", json=spec, params={"dry_run": True})

    plan = answer.json()
    assert answer.status_code == 200
    assert [stage["id"] for stage in plan["stages"]] == ["dream-00", "dream-01", "animate"]
    assert plan["work"] == pytest.approx(sum(stage["work"] for stage in plan["stages"]))
    assert plan["memory_gib"] == max(stage["memory_gib"] for stage in plan["stages"])
    assert plan["max_memory_gib"] == 2
    assert http.get("/v1/jobs").json()["jobs"] == []


def test_the_same_key_makes_one_job_even_without_a_seed(http: httpx.Client, spec: Spec) -> None:
    del spec["seed"]
    headers = {"Idempotency-Key": "monday"}

    first, second = (http.post("/v1/jobs", json=spec, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert [answer.headers["idempotency-replayed"] for answer in (first, second)] == ["false", "true"]


def test_the_same_key_with_another_spec_is_a_conflict(http: httpx.Client, spec: Spec) -> None:
    headers = {"Idempotency-Key": "monday"}
    http.post("/v1/jobs", json=spec, headers=headers)

    refused = http.post("/v1/jobs", json={**spec, "seed": 8}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_many_at_once_with_one_key_make_one_job(http: httpx.Client, spec: Spec) -> None:
    answers: list[str] = []

    def submit() -> None:
        answers.append(http.post("/v1/jobs", json=spec, headers={"Idempotency-Key": "once"}).json()["id"])

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 8
    assert len(set(answers)) == 1


BAD_BODIES = {
    "no JSON": ("{", "application/json", 422, "invalid_spec", "not JSON"),
    "no mapping": ("[]", "application/json", 422, "invalid_spec", "mapping"),
    "an alias in YAML": ("a: &x 1\nb: *x", "application/yaml", 422, "invalid_spec", "aliases"),
    "a vast text": ("x" * (2**18 + 1), "application/json", 413, "too_large", "more than"),
    "a form": ("a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type", "application/yaml"),
    "a text without a type": ("{}", None, 415, "unsupported_media_type", "application/json"),
    "depth without bound": (50_000 * "[", "application/json", 422, "invalid_spec", "deep"),
    "a number of a million digits": (
        '{"seed": ' + 200_000 * "9" + "}",
        "application/json",
        422,
        "invalid_spec",
        "digits",
    ),
}


@pytest.mark.parametrize(("body", "kind", "status", "code", "told"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_is_no_spec_is_refused(
    http: httpx.Client, body: str, kind: str | None, status: int, code: str, told: str
) -> None:
    refused = http.post("/v1/jobs", content=body, headers={"Content-Type": kind} if kind else {})

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert told in refused.json()["detail"]


BAD_SPECS = {
    "a misspelt field": ({"dream": {"itertions": 1}}, 422, "/dream/itertions", "did you mean 'iterations'?"),
    "a misspelt layer": ({"dream": {"network": "vgg16", "layers": ["conv9"]}}, 422, "/dream/layers/0", "7 conv4_1"),
    "a source that is not here": ({"source": {"image": NOBODY}}, 422, "/source/image", "POST /v1/images"),
    "a style that is not here": ({"style": {"images": [{"image": NOBODY}]}}, 422, "/style/images/0/image", "POST"),
    "a guide that is not here": (
        {"dream": {"objective": "guide", "guide": {"image": NOBODY}}},
        422,
        "/dream/guide/image",
        "POST /v1/images",
    ),
    "frames too small": ({"source": {"solid": {"size": [20, 20]}}}, 422, "/source", "at least"),
}


@pytest.mark.parametrize(("change", "status", "pointer", "told"), BAD_SPECS.values(), ids=BAD_SPECS.keys())
def test_a_spec_that_cannot_be_carried_out_is_refused_with_the_place(
    http: httpx.Client, spec: Spec, change: Spec, status: int, pointer: str, told: str
) -> None:
    refused = http.post("/v1/jobs", json={**spec, **change})

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (status, "invalid_spec")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert told in problem["errors"][0]["message"]


def test_a_job_that_costs_too_much_is_refused(http: httpx.Client, spec: Spec) -> None:
    refused = http.post(
        "/v1/jobs",
        json={
            **spec,
            "source": {"solid": {"size": [5000, 9000]}},
            "max_size": None,
            "style": None,
            "dream": {**spec["dream"], "iterations": 100},
        },
    )

    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_a_job_that_no_worker_has_the_memory_for_is_refused_with_the_size_that_fits(
    http: httpx.Client, spec: Spec
) -> None:
    dream = {**spec["dream"], "profile": "classic", "tile_size": 4096, "iterations": 1}
    asked = {**spec, "source": {"noise": {"size": [2000, 3000]}}, "max_size": None, "dream": dream}

    refused = http.post("/v1/jobs", json=asked)

    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert "GiB at 2000 x 3000, more than the 2.0 GiB that a worker has; max_size" in refused.json()["detail"]


def test_auto_waits_for_a_worker_that_says_what_it_has(http: httpx.Client, service: Service, spec: Spec) -> None:
    spec["dream"] = {"layers": [7]}

    before = http.post("/v1/jobs", json=spec)
    service.store.report_equipment("easel", Equipment(("vgg16",)))
    after = http.post("/v1/jobs", json=spec)

    assert (before.status_code, before.json()["code"]) == (503, "no_network_known")
    assert "retry-after" in before.headers
    assert (after.status_code, after.json()["network"]) == (202, "vgg16")


def test_a_job_is_accepted_while_the_broker_is_away(
    http: httpx.Client, service: Service, spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = celery_app(
        service.settings.model_copy(
            update={"redis": service.settings.redis.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})}
        )
    )
    monkeypatch.setattr(
        "kombu.Producer.publish", lambda *_, **__: broker.connection().ensure_connection(max_retries=0, timeout=1)
    )

    answer = http.post("/v1/jobs", json=spec)

    assert answer.status_code == 202
    assert service.store.runnable(answer.json()["id"]) == ("dream-00",)


def test_uploaded_pictures_can_be_used(http: httpx.Client, spec: Spec) -> None:
    image = http.post("/v1/images", content=png(size=(50, 80))).json()["id"]

    job = http.post("/v1/jobs", json={**spec, "source": {"image": image}, "style": {"images": [{"image": image}]}})

    assert job.status_code == 202
    assert job.json()["size"] == [50, 80]


def test_a_mask_that_is_not_here_or_all_black_is_refused_at_its_place(http: httpx.Client, spec: Spec) -> None:
    image = http.post("/v1/images", content=png(size=(50, 80))).json()["id"]
    black = http.post("/v1/images", content=png(size=(50, 80), color="black")).json()["id"]

    refused = [
        http.post("/v1/jobs", json={**spec, "style": {"images": [{"image": image, "mask": {"image": mask}}]}}).json()
        for mask in (NOBODY, black)
    ]

    assert [problem["errors"][0]["pointer"] for problem in refused] == [
        "/style/images/0/mask/image",
        "/style/images/0/mask",
    ]
    assert "the mask leaves 0 of" in refused[1]["errors"][0]["message"]


def test_an_mp4_is_refused_at_once_where_workers_are_known_and_none_can_write_it(
    http: httpx.Client, service: Service, spec: Spec
) -> None:
    # given
    filmed = {**spec, "animation": {"format": "mp4"}}

    # when
    unknown = http.post("/v1/jobs", json=filmed)
    service.store.report_equipment("easel", Equipment(("vgg16",)))
    refused = http.post("/v1/jobs", json=filmed)
    service.store.report_equipment("camera", Equipment(("vgg16",), ("video",)))
    known = http.post("/v1/jobs", json=filmed)

    # then
    assert [answer.status_code for answer in (unknown, refused, known)] == [202, 422, 202]
    (mistake,) = refused.json()["errors"]
    assert mistake["pointer"] == "/animation/format"
    assert "pip install '.[video]'" in mistake["message"]
