"""Finds the presets, which are the specs in this folder."""

from dataclasses import dataclass
from pathlib import Path

from shared.errors import SpecError, UnknownPresetError
from shared.spec.file import Data, read_spec
from shared.spec.suggestion import suggestion

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"
SUFFIX = ".yaml"


@dataclass(frozen=True)
class Preset:
    """A spec that comes with dreamqueue, under its name."""

    name: str

    @property
    def path(self) -> Path:
        """The spec's file."""
        return FOLDER / f"{self.name}{SUFFIX}"

    @property
    def data(self) -> Data:
        """The spec's data, its pictures named by absolute paths."""
        return read_spec(self.path)

    @property
    def title(self) -> str:
        """What it shows, which is also what its job is called."""
        return self.data["name"]


def presets() -> tuple[Preset, ...]:
    """Every preset, by name."""
    return tuple(Preset(path.stem) for path in sorted(FOLDER.glob(f"*{SUFFIX}")))


def preset_of(name: str) -> Preset:
    """The preset of a name.

    Raises:
        UnknownPresetError: there is none; the message lists those that there are.
    """
    known = {preset.name: preset for preset in presets()}
    if name not in known:
        raise UnknownPresetError(f"no preset {name!r}; {suggestion(name, known)}possible are {', '.join(known)}")
    return known[name]


def spec_or_preset(spec: Path | None, preset: str | None) -> Path:
    """The file of the one that is given.

    Raises:
        SpecError: both are given, or neither.
        UnknownPresetError: there is no such preset.
    """
    if spec is not None and preset is None:
        return spec
    if preset is not None and spec is None:
        return preset_of(preset).path
    got = "neither" if preset is None else f"{spec} and {preset}"
    raise SpecError(f"give a spec's file or --preset NAME; got {got}")
