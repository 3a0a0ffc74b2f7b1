"""Lays the demo's files out where people can see and change them."""

from importlib.resources import files
from pathlib import Path

from deploy.examples.painting import save_painting

PHOTO = "cat.jpg"
PAINTING = "painting.png"
SPEC = "demo.yaml"


def lay_out(folder: Path) -> Path:
    """Put photo, painting and spec into a folder; returns the spec's path. What is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PHOTO, SPEC):
        if not (folder / name).exists():
            (folder / name).write_bytes(files("deploy.examples").joinpath(name).read_bytes())
    if not (folder / PAINTING).exists():
        save_painting(folder / PAINTING)
    return folder / SPEC
