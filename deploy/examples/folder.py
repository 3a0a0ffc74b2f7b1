"""Lays the demo's files out where people can see and change them."""

from pathlib import Path

from deploy.examples.painting import save_painting
from shared.presets.catalogue import PICTURES

PHOTO = "cat.jpg"
PAINTING = "painting.png"
SPEC = "demo.yaml"
ORIGINALS = {PHOTO: PICTURES / PHOTO, SPEC: Path(__file__).parent / SPEC}


def lay_out(folder: Path) -> Path:
    """Put photo, painting and spec into a folder; returns the spec's path. What is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, original in ORIGINALS.items():
        if not (folder / name).exists():
            (folder / name).write_bytes(original.read_bytes())
    if not (folder / PAINTING).exists():
        save_painting(folder / PAINTING)
    return folder / SPEC
