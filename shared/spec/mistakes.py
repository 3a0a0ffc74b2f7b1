"""Tells people what is wrong with their spec: where, what was got, what is possible."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast, get_args

from pydantic import BaseModel, Field, ValidationError

from shared.errors import SpecError
from shared.spec.job import JobSpec
from shared.spec.pointer import pointer_to
from shared.spec.record import Record
from shared.spec.suggestion import suggestion


class Mistake(Record):
    """One thing that is wrong."""

    pointer: str = Field(description="JSON pointer (RFC 6901) of the field", examples=["/dream/iterations"])
    message: str


Place = tuple[str | int, ...]


def mistakes_of(error: ValidationError, data: Any, model: type[BaseModel] = JobSpec) -> tuple[Mistake, ...]:
    """Everything that a validation found, in order; what it tried at one place is told together."""
    found: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False, include_context=False):
        place = _place(detail["loc"], data, absent=detail["type"] == "missing")
        message = _message(detail["type"], detail["msg"], detail["input"], place, model)
        found.setdefault(pointer_to(place), []).append(message)
    # What is wrong inside a place makes the place itself wrong too; that needs no telling.
    inner = [pointer for pointer in found if not any(other.startswith(f"{pointer}/") for other in found)]
    return tuple(Mistake(pointer=pointer, message=" or ".join(dict.fromkeys(found[pointer]))) for pointer in inner)


def request_mistakes(errors: Sequence[Any]) -> tuple[Mistake, ...]:
    """What is wrong with the query, the path or the headers of a request."""
    return tuple(
        Mistake(
            pointer=pointer_to(error["loc"]),
            message=f"{error['msg'][:1].lower()}{error['msg'][1:]}; got {_shown(error.get('input'))}",
        )
        for error in errors
    )


def summary(mistakes: Sequence[Mistake]) -> str:
    """All mistakes in one line."""
    return "; ".join(f"{mistake.pointer or 'spec'}: {mistake.message}" for mistake in mistakes)


def refusal(mistakes: Sequence[Mistake], where: str) -> SpecError:
    """All mistakes of the spec at `where` as one error, at the place of the only one there is."""
    if len(mistakes) == 1:
        return SpecError(f"{mistakes[0].message} (in {where})", mistakes[0].pointer)
    return SpecError(f"{where}: {summary(mistakes)}")


def _place(location: Sequence[str | int], data: Any, *, absent: bool) -> Place:
    """The steps of a location that lead through the data; pydantic also names the branches of unions.

    `absent` says that the last step is a field which the data should have and has not.
    """
    place: list[str | int] = []
    for number, step in enumerate(location):
        last = number == len(location) - 1
        if isinstance(data, Mapping) and (step in data or (last and absent)):
            data = cast("Mapping[Any, Any]", data).get(step)
            place.append(step)
        elif isinstance(data, list) and isinstance(step, int):
            items = cast("list[Any]", data)
            data = items[step] if step < len(items) else None
            place.append(step)
    return tuple(place)


def _message(kind: str, message: str, got: Any, place: Place, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        return _no_such_field(str(place[-1]), _fields_at(place[:-1], model))
    if kind == "missing":
        return "is missing"
    if kind in {"model_type", "model_attributes_type"}:
        return f"should be a mapping of fields; got {_shown(got)}"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}; got {_shown(got)}"


def _no_such_field(name: str, possible: Sequence[str]) -> str:
    return f"no field {name!r}; {suggestion(name, possible)}possible are {', '.join(possible)}"


def _fields_at(place: Place, model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that the spec has at a place."""
    models = [model]
    for step in place:
        if isinstance(step, str):
            fields = [found.model_fields[step] for found in models if step in found.model_fields]
            models = [inner for field in fields for inner in _models_in(field.annotation)]
    return tuple(dict.fromkeys(name for found in models for name in found.model_fields))


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    """Every model that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
