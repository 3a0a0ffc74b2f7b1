"""The Celery app that Flower watches with: `celery -A deploy.flower.app flower`; it needs no engine."""

from shared.broker import celery_app
from shared.settings import Settings

app = celery_app(Settings())
