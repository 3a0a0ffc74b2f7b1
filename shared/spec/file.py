"""Reads specs as people write them: YAML, JSON or TOML, from a file or standard input, pictures named by path."""

import json
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import yaml

from shared.errors import BadImageError, SpecError, TooLargeError
from shared.spec.kinds import check_kinds
from shared.spec.pointer import pointer_to

Data = dict[str, Any]


def read_spec(path: Path, overrides: Sequence[str] = ()) -> Data:
    """The data of a spec, every picture's path made absolute, with `a.b=value` overrides set.

    `-` reads standard input. Paths in a file are relative to it; those of an override, to the current folder.

    Raises:
        SpecError: there is no such file, it cannot be read as its suffix says, or an override has no place in it.
    """
    if path == Path("-"):
        data = with_absolute_images(parse_spec(sys.stdin.buffer.read(), "yaml"), Path.cwd())
    else:
        language = path.suffix.removeprefix(".").lower()
        data = with_absolute_images(parse_spec(_read(path), language), path.absolute().parent)
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
    data = _parsed(text, language)
    check_kinds(data)
    if not isinstance(data, dict):
        raise SpecError(f"a spec is a mapping of fields; got {_kind(data)}")
    return cast("Data", data)


def overridden(data: Data, override: str) -> Data:
    """The data with one `a.b.0.c=value` set; the value is read as YAML, and mappings on the way are made."""
    path, equals, value = override.partition("=")
    place = tuple(path.split("."))
    if not equals or not all(place):
        raise SpecError(f"cannot set {override!r}; write it as dream.iterations=20")
    try:
        parsed = _parsed(value, "yaml")
    except SpecError as error:
        raise SpecError(f"cannot set {path}: {error.message}", pointer_to(place)) from None
    check_kinds(parsed, place)
    return cast("Data", _with(data, place, parsed, ()))


def with_absolute_images(data: Data, folder: Path) -> Data:
    """The data with every picture's path taken from `folder`; ids of uploaded pictures stay."""
    return _map_images(data, lambda pointer, path: str(folder / _expanded(path, pointer)))


def replace_images(data: Data, upload: Callable[[Path], str]) -> Data:
    """The data with every picture's path replaced by the id that `upload` gives it.

    Raises:
        SpecError: there is no such picture, it cannot be read, or `upload` refuses what it holds.
    """

    def uploaded(pointer: str, text: str) -> str:
        path = Path(text)
        try:
            if not path.is_file():
                raise SpecError(f"there is no picture {text}", pointer)
            return upload(path)
        except (BadImageError, TooLargeError) as error:
            raise SpecError(f"{text}: {error}", pointer) from error
        except OSError as error:
            raise SpecError(f"cannot read the picture {text}: {error.strerror or error}", pointer) from None

    return _map_images(data, uploaded)


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


def _expanded(path: str, pointer: str) -> Path:
    """A path with the home folder that it may begin with."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SpecError(f"cannot read the picture {path}: {error}", pointer) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise SpecError(f"there is no spec at {path}") from None
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error}") from None


def _parsed(text: str | bytes, language: str) -> Any:
    try:
        return PARSERS[language](text.decode() if isinstance(text, bytes) else text)
    except (ValueError, yaml.YAMLError) as error:
        raise SpecError(f"not {language.upper()}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise SpecError("nested too deep") from None


def _languages() -> str:
    return ", ".join(sorted(PARSERS))


def _kind(data: object) -> str:
    return "nothing" if data is None else f"{type(data).__name__} {str(data)[:40]!r}"


class _SpecLoader(yaml.SafeLoader):
    """YAML without what no spec needs: aliases, which can grow without bound, fields given twice, dates."""

    # What looks like a date is text, as in JSON: `name: 2026-11-24`.
    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

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
