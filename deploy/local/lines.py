"""Makes the JSON log lines of our own processes readable on a terminal."""

import json
from typing import Any

LEFT_OUT = {"event", "level", "logger", "timestamp"}
USUAL_LEVELS = {"", "info", "debug"}


def readable(line: str) -> str:
    """`{"event": "stage lost", "level": "warning", "job": "job_1"}` as `WARNING stage lost job=job_1`."""
    record = _record(line)
    if record is None:
        return line
    level = str(record.get("level", ""))
    words = [] if level in USUAL_LEVELS else [level.upper()]
    words.append(str(record["event"]))
    words += [f"{name}={value}" for name, value in record.items() if name not in LEFT_OUT]
    return " ".join(words)


def _record(line: str) -> dict[str, Any] | None:
    """The line as a record with an event; None for any other text."""
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "event" in record else None
