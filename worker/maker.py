"""Tells who made a result, for whoever wants to make it again."""

import platform
from importlib.metadata import version


def made_by() -> dict[str, str]:
    """The versions and the machine behind a result: on others the last digits may differ."""
    return {
        "dreamqueue": version("dreamqueue"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": _processor(),
        "numpy": version("numpy"),
        "pillow": version("pillow"),
    }


def _processor() -> str:
    return platform.processor() or platform.machine()
