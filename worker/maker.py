"""Tells who made a result: versions and device, for whoever wants to make it again."""

import platform
from importlib.metadata import version


def made_by() -> dict[str, str]:
    """What could break the promise of identical bytes: machine, versions and threads."""
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
