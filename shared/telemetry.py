"""Logging: lines for people on a terminal, JSON elsewhere, every line with the job and stage it belongs to."""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
PLACE = frozenset({"job", "stage"})


def configure_logging(level: int = logging.INFO) -> None:
    """Send everything that this process logs, whoever logs it, to standard error in one form."""
    structlog.configure(
        processors=[
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(for_people=sys.stderr.isatty()))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def plain_formatter() -> logging.Formatter:
    """Lines for people, without colours, and without the job and the stage: for a log that belongs to one stage."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_place,
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
    )


def _without_place(_logger: object, _method: str, event: EventDict) -> EventDict:
    """What stands on every line of a stage's log tells nothing there."""
    return {name: value for name, value in event.items() if name not in PLACE}


def _formatter(*, for_people: bool) -> logging.Formatter:
    ending: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if for_people:
        ending.append(structlog.dev.ConsoleRenderer())
    else:
        ending += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=SHARED, processors=ending)
