"""Reads request bodies without ever holding more than is allowed."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.types import Message

from api.problems import ProblemError, problem, unsupported_media_type
from shared.errors import TooLargeError

MAX_SPEC_BYTES = 2**18
FORM_BYTES = 2**16
"""What boundaries and part headers of a form may take beside the file itself."""

LANGUAGES = {
    "application/json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
}


async def spec_body(request: Request) -> tuple[bytes, str]:
    """The text of a spec, with the language that its content type names."""
    kind = content_type(request)
    if kind not in LANGUAGES:
        raise unsupported_media_type(kind, "application/json, application/yaml")
    return await _capped(request, MAX_SPEC_BYTES).body(), LANGUAGES[kind]


async def picture_body(request: Request) -> bytes:
    """The bytes of a picture, sent as they are or as the field `file` of a form."""
    limit = request.app.state.services.settings.api.max_upload_bytes
    kind = content_type(request)
    if kind == "multipart/form-data":
        return await _picture_in_form(_capped(request, limit + FORM_BYTES), limit)
    if kind is None or kind == "application/octet-stream" or kind.startswith("image/"):
        return await _capped(request, limit).body()
    raise unsupported_media_type(kind, "image/*, application/octet-stream, multipart/form-data")


def content_type(request: Request) -> str | None:
    """The media type of the body, without parameters."""
    header = request.headers.get("content-type")
    return header.partition(";")[0].strip().lower() if header else None


async def _picture_in_form(request: Request, limit: int) -> bytes:
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ProblemError(problem(422, "invalid_request", "the form has no file under the name 'file'"))
        data = await file.read()
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _capped(request: Request, limit: int) -> Request:
    """The same request, whose body ends in an error once it is longer than `limit` bytes."""
    if int(request.headers.get("content-length", 0)) > limit:
        raise _too_large(limit)
    return Request(request.scope, _counting(request.receive, limit))


def _counting(receive: Callable[[], Awaitable[Message]], limit: int) -> Callable[[], Awaitable[Message]]:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body has more than {limit:,} bytes, which is the most that is taken")
