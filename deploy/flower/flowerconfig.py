"""Flower's options, for `flower --conf`; login, URL prefix and read-only come from its own FLOWER_… variables."""

from celery.events.state import TASK_EVENT_TO_STATE
from celery.states import STARTED
from flower import events

from deploy.flower.progress import shown_task
from deploy.flower.punctual import PunctualReceiver
from shared.settings import Settings

_settings = Settings()

# A stage that reports progress is a running one: without this, Celery would make up a state PROGRESS, which the page's
# filter "Started" does not find, and which a late report would put in the place of SUCCESS.
TASK_EVENT_TO_STATE["progress"] = STARTED
# Flower has no option for it.
events.EventReceiver = PunctualReceiver

port = _settings.flower.port
format_task = shown_task

# What the pages show of earlier runs is kept beside everything else.
_settings.data_dir.mkdir(parents=True, exist_ok=True)
db = str(_settings.data_dir / "flower")
persistent = True
state_save_interval = 60_000
max_tasks = 20_000

# `uuid` links to a task's own page and tells job and stage; `received` is what the list is ordered by.
tasks_columns = "name,uuid,state,result,runtime,worker,received"
natural_time = True
purge_offline_workers = 300

# Its warnings are about workers that are not there yet.
logging = "error"
