"""Answers that are not sent again when the client has them: entity tags and `304 Not Modified`."""

import hashlib
from collections.abc import Mapping

from fastapi import Response
from pydantic import BaseModel


def weak_tag(body: bytes) -> str:
    """The tag of an answer that means the same whenever its bytes are the same."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def matches(tag: str, if_none_match: str | None) -> bool:
    """Whether an `If-None-Match` header names the tag, compared weakly (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    wanted = [item.strip().removeprefix("W/") for item in if_none_match.split(",")]
    return "*" in wanted or tag.removeprefix("W/") in wanted


def tagged(
    model: BaseModel, if_none_match: str | None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A model as JSON under its tag, or 304."""
    return tagged_bytes(model.model_dump_json().encode(), if_none_match, "application/json", status, headers)


def tagged_bytes(
    body: bytes,
    if_none_match: str | None,
    media_type: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Bytes that may change under the same address, under their tag, or 304."""
    all_headers = {"ETag": weak_tag(body), "Cache-Control": "no-cache", **(headers or {})}
    if matches(all_headers["ETag"], if_none_match):
        return Response(status_code=304, headers=all_headers)
    return Response(body, status, all_headers, media_type)
