"""Looks at a Redis server before it is relied upon: facts, what follows from them, a refusal in one line."""

# redis-py leaves some of its types open.
# pyright: reportUnknownMemberType=false

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis
import structlog
from redis.exceptions import NoPermissionError

from shared.errors import ConfigurationError, StoreUnavailableError
from shared.jobs.connection import TLS_ADVICE, answering, connect, server_address
from shared.jobs.rights import broker_rights, missing_rights, store_rights
from shared.settings import RedisSettings

log = structlog.get_logger(__name__)

OLDEST = (6, 2)
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class ServerFacts:
    """What a server tells about itself; None for what it tells nobody with our rights.

    Attributes:
        version: of Redis, or the version of Redis that another server says it is compatible with.
        product: `redis`, or the name of a server that is compatible with it.
        role: `master`, or `slave` for a replica.
        append_only: whether it writes a log of every change: `yes` or `no`.
        eviction: its `maxmemory-policy`.
        missing: commands that our account may not give.
    """

    version: str | None = None
    product: str = "redis"
    role: str | None = None
    append_only: str | None = None
    eviction: str | None = None
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Finding:
    """Something about a server that its operator should know; `refused` when it must not be used so."""

    message: str
    refused: bool = False


def broker_findings(facts: ServerFacts) -> tuple[Finding, ...]:
    """What is to be said of a server that only delivers: losing what it holds costs nothing but seconds."""
    return _said(_version(facts), _role(facts), _rights(facts))


def store_findings(facts: ServerFacts) -> tuple[Finding, ...]:
    """What is to be said of a server that remembers every job."""
    return broker_findings(facts) + _said(_eviction(facts), _append_only(facts))


def check_servers(settings: RedisSettings) -> None:
    """See that the servers of store and broker are fit; what could be better is a warning in the log.

    Raises:
        ConfigurationError: one must not be used so; tells which, why and what to do.
        StoreUnavailableError: one does not answer yet.
    """
    for told in _found(settings.url, settings, store_rights(settings.prefix), store_findings):
        log.warning(told)
    _found(settings.broker, settings, broker_rights(settings.broker), broker_findings)


def await_servers(settings: RedisSettings, stop: threading.Event | None = None) -> None:
    """Check the servers as soon as they are up; returns unchecked when `stop` is set.

    Raises:
        ConfigurationError: as `check_servers`.
    """
    stop = stop or threading.Event()
    waiting = False
    while not stop.is_set():
        try:
            check_servers(settings)
        except StoreUnavailableError as error:
            if not waiting:
                log.warning("waiting for Redis", reason=str(error))
            waiting = True
            stop.wait(PAUSE_SECONDS)
        else:
            return


def look(client: redis.Redis, rights: Sequence[str]) -> ServerFacts:
    """The facts about the server behind a client.

    Raises:
        StoreUnavailableError: it does not answer.
        ConfigurationError: it lets us in no further.
    """
    with answering():
        _greet(client)
        info = {**_allowed(lambda: client.info("server")), **_allowed(lambda: client.info("replication"))}
        return ServerFacts(
            version=info.get("redis_version"),
            product=info.get("server_name", "redis"),
            role=info.get("role"),
            append_only=_configured(client, "appendonly"),
            eviction=_configured(client, "maxmemory-policy"),
            missing=missing_rights(client, rights),
        )


def _greet(client: redis.Redis) -> None:
    try:
        client.ping()
    except redis.ResponseError as error:
        if "unknown command" not in str(error):
            raise
        message = f"Redis does not know our greeting ({error}); 6.2 or newer is needed (or any Valkey); upgrade it"
        raise ConfigurationError(message) from error


def _configured(client: redis.Redis, name: str) -> str | None:
    return _allowed(lambda: client.config_get(name)).get(name)


def _found(
    url: str, settings: RedisSettings, rights: Sequence[str], findings: Callable[[ServerFacts], tuple[Finding, ...]]
) -> list[str]:
    """The warnings about one server, each naming it; what is refused is raised."""
    address = server_address(url)
    try:
        with connect(url, settings) as client:
            found = findings(look(client, rights))
    except StoreUnavailableError:
        if _answers_otherwise(url, settings):
            raise ConfigurationError(f"Redis at {address} does not understand us: {TLS_ADVICE}") from None
        raise
    except ValueError as error:
        raise ConfigurationError(f"DREAMQUEUE_REDIS__URL is not the address of a Redis server: {error}") from error
    refusals = [finding.message for finding in found if finding.refused]
    if refusals:
        raise ConfigurationError(f"Redis at {address} cannot be used: {'; '.join(refusals)}")
    return [f"Redis at {address}: {finding.message}" for finding in found]


def _answers_otherwise(url: str, settings: RedisSettings) -> bool:
    """Whether a server that is silent over TLS answers without it, or the other way round."""
    scheme = "redis" if url.startswith("rediss:") else "rediss"
    try:
        # Without a password, which must not be sent in the clear; a refusal is an answer.
        with answering(), connect(f"{scheme}://{server_address(url)}", settings) as client:
            client.ping()
    except ConfigurationError:
        return True
    except StoreUnavailableError:
        return False
    return True


def _allowed(ask: Callable[[], object]) -> Mapping[str, Any]:
    """What the server answers, or nothing where our account may not ask."""
    try:
        return cast("Mapping[str, Any]", ask())
    except NoPermissionError:
        return {}


def _said(*findings: Finding | None) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding is not None)


def _version(facts: ServerFacts) -> Finding | None:
    if facts.version is None:
        return Finding("its version could not be checked, its account may not ask INFO; 6.2 or newer is needed")
    if facts.product == "valkey" or _numbers(facts.version) >= OLDEST:
        return None
    return Finding(f"it is Redis {facts.version}, 6.2 or newer is needed (or any Valkey); upgrade it", refused=True)


def _numbers(version: str) -> tuple[int, ...]:
    """`6.2.14` as numbers that compare; what follows them does not count."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _role(facts: ServerFacts) -> Finding | None:
    if facts.role != "slave":
        return None
    return Finding("it is a replica, which takes no changes; name the primary, or promote it", refused=True)


def _rights(facts: ServerFacts) -> Finding | None:
    if not facts.missing:
        return None
    missing = ", ".join(facts.missing)
    return Finding(f"its account may not do {missing}; grant the rights that docs/running.md lists", refused=True)


def _eviction(facts: ServerFacts) -> Finding | None:
    if facts.eviction is None:
        return Finding(
            "maxmemory-policy could not be checked, its account may not ask CONFIG GET; see that it is noeviction"
        )
    if facts.eviction == "noeviction":
        return None
    return Finding(
        f"its maxmemory-policy is {facts.eviction}, which would lose jobs; set maxmemory-policy noeviction",
        refused=True,
    )


def _append_only(facts: ServerFacts) -> Finding | None:
    if facts.append_only is None:
        return Finding("appendonly could not be checked, its account may not ask CONFIG GET; see that it is yes")
    if facts.append_only == "yes":
        return None
    return Finding("appendonly is off: a crash loses every job since the last snapshot; set appendonly yes")
