"""The API that dies by SIGKILL with a job accepted and nobody told of it: `uvicorn --factory dying_api:create_app`."""

import itertools
import os
import signal

from fastapi import FastAPI

import api.submission
from api.main import create_app_from_environment
from api.services import Services

RUNG_FOR = 3
"""So many jobs are rung for before."""

numbers = itertools.count()
ring = api.submission.ring


def ring_or_die(services: Services, job_id: str) -> None:
    """Ring for the first few jobs and die of the next."""
    if next(numbers) >= RUNG_FOR:
        os.kill(os.getpid(), signal.SIGKILL)
    ring(services, job_id)


def create_app() -> FastAPI:
    """The API, with not long to live."""
    api.submission.ring = ring_or_die
    return create_app_from_environment()
