"""Settings as the environment variables that carry them to the processes of the service."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.settings import Settings

PACKAGES = Path(__file__).parents[2]


def settings_environment(settings: Settings) -> dict[str, str]:
    """Every setting that was given, as `DREAMQUEUE_<GROUP>__<NAME>`; paths absolute, for processes run elsewhere."""
    given = settings.model_dump(exclude_unset=True)
    given["data_dir"] = settings.data_dir
    given["artifacts"] = {**given.get("artifacts", {}), "url": absolute_address(settings.artifacts_url)}
    return dict(_variables("DREAMQUEUE_", given))


def import_environment() -> dict[str, str]:
    """What lets a child import our packages, and not another project's `api` or `worker` in its working directory."""
    return {"PYTHONPATH": str(PACKAGES), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}


def absolute_address(url: str) -> str:
    """An artifact store's address that means the same from every folder."""
    return url if "://" in url else str(Path(url).expanduser().absolute())


def _variables(prefix: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values, groups flattened; a setting that is None is left to its default."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            pairs += _variables(f"{prefix}{name.upper()}__", value)
        elif value is not None:
            pairs.append((f"{prefix}{name.upper()}", _text(value)))
    return pairs


def _text(value: Any) -> str:
    """A value as pydantic-settings reads it back."""
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    return value if isinstance(value, str) else json.dumps(value)
