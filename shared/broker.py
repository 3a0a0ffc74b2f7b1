"""The Celery side of dreamqueue for those who send: settings, names, messages that wait, words to Flower.

Celery messages are doorbells: they carry ids, and may be lost, doubled or late without harm.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, cast

from celery import Celery
from celery.exceptions import CeleryError
from kombu.exceptions import OperationalError

from shared.errors import StoreUnavailableError
from shared.jobs.connection import UNAVAILABLE, answering, connect
from shared.plan.records import StageKind
from shared.settings import Settings

QUEUE = "dreamqueue"
TASKS: Mapping[StageKind, str] = MappingProxyType({kind: f"dreamqueue.{kind.value}" for kind in StageKind})
VISIBILITY_SECONDS = 3600
