"""Tells whether the service is alive, and whether it is ready for work."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from api.answers import Health, Problem
from api.dependencies import ArtifactsDep, StoreDep
from api.problems import answer, problem
from shared.errors import DreamqueueError

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> Health:
    """The process answers."""
    return Health(status="alive")


@router.get("/readyz", response_model=Health, responses={503: {"model": Problem}})
def ready(store: StoreDep, artifacts: ArtifactsDep) -> Response:
    """Redis answers and the artifact store can be written."""
    checks = {"redis": _checked(store.ping), "artifacts": _checked(artifacts.check)}
    failing = [f"{name}: {found}" for name, found in checks.items() if found != "ok"]
    if failing:
        return answer(problem(503, "not_ready", "; ".join(failing)), {"Retry-After": "2"})
    return Response(Health(status="ready", checks=checks).model_dump_json(), media_type="application/json")


def _checked(check: Callable[[], object]) -> str:
    """`ok`, or what is wrong."""
    try:
        check()
    except DreamqueueError as error:
        return str(error)
    return "ok"
