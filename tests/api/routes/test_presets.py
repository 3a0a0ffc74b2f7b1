"""The jobs that come with dreamqueue."""

import httpx
import pytest

from api.client import Client
from shared.equipment import Equipment
from shared.presets.catalogue import presets
from tests.api.conftest import Service

pytestmark = pytest.mark.usefixtures("service")


def test_presets_are_listed_by_name_with_what_they_show(http: httpx.Client) -> None:
    listed = http.get("/v1/presets").json()["presets"]

    assert [preset["name"] for preset in listed] == [preset.name for preset in presets()]
    assert listed[-1] == {"name": "gif", "title": "Section 3.3: a chain as a GIF", "url": "/v1/presets/gif"}


def test_a_preset_is_handed_in_as_it_is_given(http: httpx.Client, service: Service) -> None:
    service.store.report_equipment("easel", Equipment(("googlenet",)))
    spec = http.get("/v1/presets/figure-15").json()["spec"]

    job = http.post("/v1/jobs", json=spec).json()

    assert (job["name"], job["network"], job["stages_total"]) == (spec["name"], "googlenet", 11)
    assert http.get(f"/v1/images/{spec['source']['image']}").status_code == 200


def test_a_preset_reads_as_it_was_written(http: httpx.Client) -> None:
    spec = http.get("/v1/presets/figure-06-noise").json()["spec"]

    assert set(spec) == {"name", "seed", "source", "dream"}
    assert spec["source"] == {"noise": {"size": [300, 400]}}


def test_the_client_knows_the_presets(client: Client) -> None:
    names = [preset.name for preset in client.presets().presets]

    assert client.preset(names[0]).spec.source.solid is not None


def test_a_preset_that_there_is_not_is_404_with_the_nearest(http: httpx.Client) -> None:
    problem = http.get("/v1/presets/figure-15-chain")

    assert problem.status_code == 404
    assert problem.json()["code"] == "unknown_preset"
    assert "did you mean" in problem.json()["detail"]
