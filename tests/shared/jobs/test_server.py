"""What is said of a Redis server, from facts alone and of a real one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis

from deploy.local.ports import free_port
from shared.errors import ConfigurationError, StoreUnavailableError
from shared.jobs.connection import server_address
from shared.jobs.rights import broker_rights, missing_rights, store_rights
from shared.jobs.server import Finding, ServerFacts, broker_findings, check_servers, store_findings
from shared.settings import RedisSettings

FIT = ServerFacts(version="7.0.15", role="master", append_only="yes", eviction="noeviction")


def refusals(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.message for finding in findings if finding.refused]


def warnings(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.message for finding in findings if not finding.refused]


@pytest.fixture
def account(redis_url: str) -> Iterator[str]:
    """The address of the server for an account that may do everything but what a test takes from it."""
    with redis.Redis.from_url(redis_url) as client:
        client.acl_setuser("painter", enabled=True, passwords=["+hunter2"], keys=["*"], channels=["*"])
        client.execute_command("ACL", "SETUSER", "painter", "+@all")
        yield redis_url.replace(
            "redis://:" + str(client.get_connection_kwargs()["password"]), "redis://painter:hunter2"
        )
        client.acl_deluser("painter")


def test_nothing_is_said_of_a_fit_server() -> None:
    assert store_findings(FIT) == broker_findings(FIT) == ()


@pytest.mark.parametrize("version", ["6.2.0", "6.2.14", "7.0.15", "8.4.0", "10.0.1"])
def test_redis_6_2_or_newer_is_taken(version: str) -> None:
    assert store_findings(replace(FIT, version=version)) == ()


@pytest.mark.parametrize("version", ["2.8.17", "5.0.14", "6.0.16", "6.1.240"])
def test_an_older_redis_is_refused_with_both_versions_named(version: str) -> None:
    for findings in (store_findings, broker_findings):
        (told,) = refusals(findings(replace(FIT, version=version)))

        assert version in told
        assert "6.2" in told
        assert "upgrade" in told


def test_any_valkey_is_taken_whatever_redis_it_says_it_is() -> None:
    assert store_findings(replace(FIT, version="6.0.0", product="valkey")) == ()


def test_a_replica_is_refused() -> None:
    (told,) = refusals(store_findings(replace(FIT, role="slave")))

    assert "name the primary" in told


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "allkeys-random"])
def test_a_store_that_would_throw_jobs_away_is_refused_but_a_broker_may(policy: str) -> None:
    facts = replace(FIT, eviction=policy)

    (told,) = refusals(store_findings(facts))

    assert policy in told
    assert "noeviction" in told
    assert broker_findings(facts) == ()


def test_a_store_without_a_log_of_changes_is_taken_with_a_warning() -> None:
    findings = store_findings(replace(FIT, append_only="no"))

    assert refusals(findings) == []
    assert "appendonly" in warnings(findings)[0]


def test_what_an_account_may_not_ask_is_a_warning() -> None:
    findings = store_findings(ServerFacts())

    assert refusals(findings) == []
    for name, told in zip(("INFO", "maxmemory-policy", "appendonly"), warnings(findings), strict=True):
        assert name in told
        assert "could not be checked" in told


def test_missing_rights_are_named() -> None:
    (told,) = refusals(broker_findings(replace(FIT, missing=("BRPOP dreamqueue 0", "TIME"))))

    assert "BRPOP dreamqueue 0, TIME" in told
    assert "docs/running.md" in told


def test_a_real_server_as_the_service_sets_it_up_is_fit(redis_url: str) -> None:
    check_servers(RedisSettings(url=redis_url))


@pytest.mark.parametrize(
    ("name", "value", "told"), [("maxmemory-policy", "allkeys-lru", "noeviction"), ("replicaof", "", "replica")]
)
def test_a_real_server_that_is_unfit_is_refused(redis_url: str, name: str, value: str, told: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        _spoil(client, name, value)
        try:
            with pytest.raises(ConfigurationError, match=told):
                check_servers(RedisSettings(url=redis_url))
        finally:
            client.config_set("maxmemory-policy", "noeviction")
            client.replicaof("NO", "ONE")


def test_a_wrong_password_is_told_in_one_line_without_the_password(account: str) -> None:
    with pytest.raises(ConfigurationError, match="refuses our account") as caught:
        check_servers(RedisSettings(url=account.replace("hunter2", "hunter3")))

    assert "hunter" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_each_right_that_is_missing_is_named(account: str, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "painter", "-xadd")

    with pytest.raises(ConfigurationError, match="may not do XADD"):
        check_servers(RedisSettings(url=account))


def test_an_account_that_may_not_ask_for_the_configuration_is_warned_and_taken(
    account: str, redis_url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "painter", "-config")

    check_servers(RedisSettings(url=account))

    assert "could not be checked" in caplog.text + capsys.readouterr().out


def test_a_server_that_is_asked_for_tls_and_has_none_is_told_so(redis_url: str) -> None:
    settings = RedisSettings(
        url=redis_url.replace("redis:", "rediss:"), timeout_seconds=0.3, connect_timeout_seconds=0.3
    )

    with pytest.raises(ConfigurationError, match="must begin with rediss:// where"):
        check_servers(settings)


def test_a_server_that_is_not_up_may_be_waited_for() -> None:
    with pytest.raises(StoreUnavailableError):
        check_servers(RedisSettings(url=f"redis://127.0.0.1:{free_port()}/0"))


def test_an_address_with_an_option_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="DREAMQUEUE_REDIS__URL"):
        check_servers(RedisSettings(url="redis://127.0.0.1/0?db=first"))


def test_asking_for_rights_carries_nothing_out(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        assert missing_rights(client, store_rights("dreamqueue") + broker_rights(redis_url)) == ()
        assert client.dbsize() == 0


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@studio:6379/0", "studio:6379"),
        ("rediss://me:secret@studio/0?ssl_password=secret", "studio"),
        ("redis://studio", "studio"),
    ],
)
def test_a_shown_address_has_nothing_secret(url: str, shown: str) -> None:
    assert server_address(url) == shown


def _spoil(client: redis.Redis, name: str, value: str) -> None:
    if name == "replicaof":
        client.replicaof("127.0.0.1", str(free_port()))
    else:
        client.config_set(name, value)
