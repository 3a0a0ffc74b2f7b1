"""Reads specs as people write them: YAML, JSON or TOML, from a file or standard input, pictures named by path."""

import json
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import yaml

from shared.errors import SpecError

Data = dict[str, Any]


def read_spec(path: Path, overrides: Sequence[str] = ()) -> Data:
    """The data of a spec, every picture's path made absolute, with `a.b=value` overrides set.

    `-` reads standard input. Paths in a file are relative to it; those of an override, to the current folder.

    Raises:
        SpecError: there is no such file, it cannot be read as its suffix says, or an override has no place in it.
    """
    if path == Path("-"):
        data = with_absolute_images(parse_spec(sys.stdin.read(), "yaml"), Path.cwd())
    else:
        data = with_absolute_images(parse_spec(_text(path), path.suffix.removeprefix(".")), path.absolute().parent)
    for override in overrides:
        data = overridden(data, override)
    return with_absolute_images(data, Path.cwd())


def parse_spec(text: str | bytes, language: str) -> Data:
    """The mapping that a text in `yaml`, `yml`, `json` or `toml` holds.

    Raises:
        SpecError: another language, a text that is not in it, or one that holds no mapping.
    """
    if language not in PARSERS:
        raise SpecError(
            f"a spec cannot be read as {language or 'a file without suffix'!r}; possible are {_languages()}"
        )
    try:
        data = PARSERS[language](text.decode() if isinstance(text, bytes) else text)
    except (ValueError, yaml.YAMLError) as error:
        raise SpecError(f"not {language.upper()}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise SpecError("nested too deep") from None
    if not isinstance(data, dict):
        raise SpecError(f"a spec is a mapping of fields; got {_kind(data)}")
    return cast("Data", data)


def overridden(data: Data, override: str) -> Data:
    """The data with one `a.b.0.c=value` set; the value is read as YAML, and mappings on the way are made."""
    path, equals, value = override.partition("=")
    if not equals or not all(path.split(".")):
        raise SpecError(f"cannot set {override!r}; write it as dream.iterations=20")
    try:
        parsed = _parse_yaml(value)
    except (ValueError, yaml.YAMLError) as error:
        raise SpecError(f"cannot set {path}: {' '.join(str(error).split())}", pointer_to(path.split("."))) from None
    return cast("Data", _with(data, path.split("."), parsed, ()))


def with_absolute_images(data: Data, folder: Path) -> Data:
    """The data with every picture's path taken from `folder`; ids of uploaded pictures stay."""
    return _map_images(data, lambda _, path: str(folder / Path(path).expanduser()))


def replace_images(data: Data, upload: Callable[[Path], str]) -> Data:
    """The data with every picture's path replaced by the id that `upload` gives it.

    Raises:
        SpecError: there is no such picture.
    """

    def uploaded(pointer: str, text: str) -> str:
        path = Path(text)
        if not path.is_file():
            raise SpecError(f"there is no picture {text}", pointer)
        return upload(path)

    return _map_images(data, uploaded)


def pointer_to(place: Sequence[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _map_images(data: Data, change: Callable[[str, str], str]) -> Data:
    def mapped(value: Any, place: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            fields = cast("Data", value)
            return {key: mapped(item, (*place, key)) for key, item in fields.items()}
        if isinstance(value, list):
            return [mapped(item, (*place, index)) for index, item in enumerate(cast("list[Any]", value))]
        if isinstance(value, str) and place[-1:] == ("image",) and not value.startswith("sha256:"):
            return change(pointer_to(place), value)
        return value

    return cast("Data", mapped(data, ()))


def _with(value: Any, path: Sequence[str], new: Any, done: tuple[str, ...]) -> Any:
    """A copy of a tree in which the place at `path` holds `new`."""
    if not path:
        return new
    step, *rest = path
    here = (*done, step)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if not step.isdecimal() or int(step) >= len(items):
            raise SpecError(f"no number {step!r} in a list of {len(items)}", pointer_to(here))
        return [_with(item, rest, new, here) if i == int(step) else item for i, item in enumerate(items)]
    if isinstance(value, dict) or value is None:
        fields = cast("Data", value or {})
        return {**fields, step: _with(fields.get(step), rest, new, here)}
    raise SpecError(f"{'.'.join(done)} is {value!r}, which has no {step!r}", pointer_to(here))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, IsADirectoryError):
        raise SpecError(f"there is no spec at {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"cannot read {path}: {error}") from None


def _languages() -> str:
    return ", ".join(sorted(PARSERS))


def _kind(data: object) -> str:
    return "nothing" if data is None else f"{type(data).__name__} {str(data)[:40]!r}"


class _SpecLoader(yaml.SafeLoader):
    """YAML without what no spec needs: aliases, which can grow without bound, and fields given twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken; write out what they stand for")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        fields = super().construct_mapping(node, deep)
        _unique([(str(key.value), value) for key, value in node.value])
        return fields


def _unique(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    """The pairs as a mapping; a field given twice is an error, where the parsers would keep the last."""
    fields: dict[Any, Any] = {}
    for key, value in pairs:
        if key in fields:
            raise ValueError(f"the field {key!r} is given twice")
        fields[key] = value
    return fields


def _parse_yaml(text: str) -> Any:
    # _SpecLoader is the safe loader, made stricter.
    return yaml.load(text, _SpecLoader)  # noqa: S506


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "yaml": _parse_yaml,
    "yml": _parse_yaml,
    "json": _parse_json,
    "toml": tomllib.loads,
}
