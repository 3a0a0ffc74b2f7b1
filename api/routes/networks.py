"""Tells which networks a spec can name, and how a spec is written."""

from typing import Any

from fastapi import APIRouter

from api.answers import LayerAnswer, NetworkAnswer, NetworkList
from api.dependencies import StoreDep
from shared.equipment import Equipment
from shared.networks import NETWORKS, NetworkCard
from shared.spec.job import JobSpec

router = APIRouter(prefix="/v1", tags=["specs"])


@router.get("/networks")
def list_networks(store: StoreDep) -> NetworkList:
    """Every network with its layers, and whether a worker has it now."""
    equipment = store.equipment() or Equipment()
    return NetworkList(networks=[_answer(card, card.name in equipment.networks) for card in NETWORKS.values()])


@router.get("/schema/job")
def job_schema() -> dict[str, Any]:
    """The JSON Schema of a spec."""
    return JobSpec.model_json_schema()


def _answer(card: NetworkCard, available: bool) -> NetworkAnswer:
    return NetworkAnswer(
        name=card.name,
        available=available,
        weights=card.identity,
        minimum_size=card.minimum_size,
        default_layers="{}..{}".format(*card.chain),
        layers=[
            LayerAnswer(number=number, name=layer.name, channels=layer.channels)
            for number, layer in enumerate(card.layers)
        ],
    )
