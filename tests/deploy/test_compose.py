"""The container files: what every service must and must not do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True


def test_redis_is_not_published_and_every_port_is_on_the_loopback() -> None:
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}

    assert ports["redis"] == []
    assert all(port.startswith("127.0.0.1:") for published in ports.values() for port in published)


def test_redis_keeps_everything_and_its_password_is_on_no_command_line() -> None:
    command = SERVICES["redis"]["command"][-1]
    options, _, standard_input = command.partition("<<END")

    for option in ("--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"):
        assert option in options
    assert "requirepass $$REDISCLI_AUTH" in standard_input


def test_everything_waits_for_a_healthy_redis() -> None:
    waiting = {name for name, service in SERVICES.items() if "depends_on" in service}

    assert waiting == set(SERVICES) - {"redis"}
    assert all(SERVICES[name]["depends_on"] == {"redis": {"condition": "service_healthy"}} for name in waiting)


def test_whoever_makes_shows_or_removes_pictures_has_them_at_hand() -> None:
    with_pictures = {name for name, service in SERVICES.items() if "artifacts:/artifacts" in service.get("volumes", [])}

    assert with_pictures == {"api", "reconciler", "worker-cpu", "worker-gpu"}


def test_every_password_must_be_given() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    for mention in re.findall(r"\$\{\w*PASSWORD[^}]*\}", text):
        assert ":?" in mention


def test_workers_are_chosen_by_profile_and_have_time_to_put_their_stage_away() -> None:
    for name, profile in (("worker-cpu", "cpu"), ("worker-gpu", "gpu")):
        assert SERVICES[name]["profiles"] == [profile]
        assert SERVICES[name]["stop_grace_period"] == "45s"


@pytest.mark.parametrize("image", ["api", "worker"])
def test_images_run_as_an_ordinary_user_and_lock_their_packages(image: str) -> None:
    text = (ROOT / "deploy" / "docker" / f"{image}.Dockerfile").read_text()

    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert all("--frozen" in line for line in text.splitlines() if "uv sync" in line)


def test_the_api_image_has_no_engine() -> None:
    assert "--extra" not in (ROOT / "deploy" / "docker" / "api.Dockerfile").read_text()
