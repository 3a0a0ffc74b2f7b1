"""The command line of one worker process."""

from shared.broker import QUEUE

APP = "worker.app"


def worker_arguments(name: str, app: str = APP) -> list[str]:
    """What follows `celery`: one child that does the work, below a parent that stays free of TensorFlow.

    Args:
        name: such as `gpu0`; Flower shows it with the machine's name.
        app: the module with the Celery app.
    """
    return [
        *("-A", app, "worker"),
        *("--hostname", f"{name}@%h"),
        *("--queues", QUEUE),
        *("--pool", "prefork", "--concurrency", "1"),
        # Workers need not know of each other, and their greetings cost seconds at every start.
        *("--without-gossip", "--without-mingle"),
        *("--loglevel", "INFO"),
        "--task-events",
    ]
