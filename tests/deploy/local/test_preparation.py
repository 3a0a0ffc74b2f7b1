"""What is seen to before anything starts: ports, the data directory, passwords, Redis, restarts."""

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from deploy.local import valkey
from deploy.local.lock import Occupant, only_one
from deploy.local.ports import PortWish, claim, free_port
from deploy.local.preflight import check_ports, check_redis, own_redis
from deploy.local.readiness import ping_failure
from deploy.local.restarts import History, RestartPolicy, after_death, restart_delay_seconds
from deploy.local.secret import kept_secret
from deploy.local.valkey import prepare_valkey, valkey_program
from deploy.local.warden import left_over
from shared.errors import ConfigurationError
from shared.settings import ApiSettings, FlowerSettings, RedisSettings, Settings


def test_a_taken_port_is_named_with_its_option_its_setting_and_another_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(ConfigurationError) as caught:
            claim(PortWish("127.0.0.1", port, "the API", "--port", "DREAMQUEUE_API__PORT"))

    for part in (f"port {port}", "taken", "the API", f"--port {port + 1}", f"DREAMQUEUE_API__PORT={port + 1}"):
        assert part in str(caught.value)


def test_a_free_port_can_be_claimed() -> None:
    claim(PortWish("127.0.0.1", free_port(), "the API", "--port", "DREAMQUEUE_API__PORT"))


def test_the_api_and_flower_cannot_share_a_port() -> None:
    settings = Settings(api=ApiSettings(port=8000), flower=FlowerSettings(port=8000))

    with pytest.raises(ConfigurationError, match="cannot share port 8000"):
        check_ports(settings)


def test_a_second_up_on_one_data_directory_is_told_who_is_there(tmp_path: Path) -> None:
    with only_one(tmp_path, Occupant(1, "http://127.0.0.1:8000")):
        with pytest.raises(ConfigurationError) as caught, only_one(tmp_path, Occupant(2, "http://127.0.0.1:9")):
            pass

        assert json.loads((tmp_path / "up.lock").read_text()) == {"pid": 1, "api_url": "http://127.0.0.1:8000"}

    for part in ("process 1,", "http://127.0.0.1:8000", str(tmp_path), "--data-dir"):
        assert part in str(caught.value)


def test_a_data_directory_is_free_again_afterwards(tmp_path: Path) -> None:
    with only_one(tmp_path, Occupant(1, "http://127.0.0.1:8000")):
        pass

    with only_one(tmp_path, Occupant(2, "http://127.0.0.1:8000")):
        pass


def test_the_data_directory_stays_taken_while_the_warden_of_a_killed_up_still_stops_processes(tmp_path: Path) -> None:
    with only_one(tmp_path, Occupant(2**22 + 1, "http://127.0.0.1:8000")) as lock:
        heir = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))

    with pytest.raises(ConfigurationError, match="still being stopped"), only_one(tmp_path, Occupant(3, "")):
        pass

    heir.communicate(b"\n")


def test_a_password_is_kept_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "password")

    assert kept_secret(tmp_path / "password") == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600


def test_the_embedded_server_keeps_what_it_was_told_and_asks_for_the_password(tmp_path: Path) -> None:
    data_dir = tmp_path / 'a "quoted" folder'
    data_dir.mkdir()

    for expected in (None, "lasting"):
        server = prepare_valkey(data_dir, free_port())
        process = subprocess.Popen([server.program, server.configuration], stdout=subprocess.DEVNULL)
        try:
            while ping_failure(server.url) is not None:
                assert process.poll() is None
            with redis.Redis.from_url(server.url, decode_responses=True) as client:
                assert client.get("dream") == expected
                assert client.config_get("appendfsync") == {"appendfsync": "always"}
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
                client.set("dream", "lasting")
            assert "authenticated" in str(ping_failure(server.url.replace(f":{server.password}@", "")))
        finally:
            process.kill()
            process.wait()


def test_a_missing_extra_is_named_with_the_way_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(valkey.importlib.resources, "files", missing)

    with pytest.raises(ConfigurationError, match=r"\.\[embedded\].*DREAMQUEUE_REDIS__URL="):
        valkey_program()


def test_a_redis_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    settings = Settings(redis=RedisSettings(url=url))

    with pytest.raises(ConfigurationError, match="does not answer") as caught:
        check_redis(settings)

    assert "hunter2" not in str(caught.value)


def test_only_a_given_address_replaces_the_embedded_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DREAMQUEUE_REDIS__URL", raising=False)
    assert not own_redis(Settings())
    monkeypatch.setenv("DREAMQUEUE_REDIS__PREFIX", "other")
    assert not own_redis(Settings())

    monkeypatch.setenv("DREAMQUEUE_REDIS__URL", "redis://studio:6379/0")

    assert own_redis(Settings())


@given(st.lists(st.floats(0, 9.9), min_size=1, max_size=4))
def test_delays_before_restarts_never_shrink_while_a_process_keeps_ending(lives_seconds: list[float]) -> None:
    policy = RestartPolicy()
    history, delays = History(), []
    for seconds in lives_seconds:
        history = after_death(history, seconds, policy)
        delays.append(restart_delay_seconds(history, policy))

    assert None not in delays
    assert delays == sorted(delays)


def test_a_process_that_stayed_up_gets_all_its_chances_again() -> None:
    policy = RestartPolicy(quick_deaths_allowed=1)
    worn = History(quick_deaths=2)

    assert restart_delay_seconds(worn, policy) is None
    assert restart_delay_seconds(after_death(worn, 60.0, policy), policy) == policy.first_delay_seconds


def test_the_warden_ends_what_was_added_and_not_dropped_in_waves() -> None:
    def line(group: int, order: int) -> str:
        return json.dumps({"group": group, "stop_order": order, "stop_signal": 15, "grace_seconds": 1.0})

    waves = left_over([line(1, 2), line(2, 0), line(3, 1), line(4, 0), "3"])

    assert [[ward.group for ward in wave] for wave in waves] == [[2, 4], [1]]
