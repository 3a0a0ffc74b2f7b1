"""The networks that a spec can name, and how a spec is written."""

import httpx

from shared.equipment import Equipment
from shared.networks import NETWORKS
from tests.api.conftest import Service


def test_networks_are_told_with_layers_and_whether_a_worker_has_them(http: httpx.Client, service: Service) -> None:
    service.store.report_equipment("easel", Equipment(("vgg16",)))

    networks = http.get("/v1/networks").json()["networks"]

    assert {network["name"]: network["available"] for network in networks} == {
        "inception5h": False,
        "googlenet": False,
        "vgg16": True,
    }
    assert networks[2]["layers"][7] == {"number": 7, "name": "conv4_1", "channels": 512}
    first, last = NETWORKS["vgg16"].chain
    assert networks[2]["default_layers"] == f"{first}..{last}"


def test_the_schema_describes_every_block(http: httpx.Client) -> None:
    schema = http.get("/v1/schema/job").json()

    assert {"source", "dream", "style", "animation"} <= set(schema["properties"])


def test_the_description_of_the_api_has_no_loose_ends(http: httpx.Client) -> None:
    described = http.get("/openapi.json")

    schemas = described.json()["components"]["schemas"]
    wanted = {part.split('"')[0] for part in described.text.split('"#/components/schemas/')[1:]}
    assert wanted <= set(schemas)
    assert {"JobSpec", "Problem"} <= wanted
