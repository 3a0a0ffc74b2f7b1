"""Turns every error into an RFC 9457 problem: one table from our errors to HTTP statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.answers import Problem
from shared.errors import (
    ConfigurationError,
    ConflictError,
    DreamqueueError,
    NoNetworkKnownError,
    NotFoundError,
    PermanentError,
    PicturesGoneError,
    RetryableError,
    SpecError,
    TooLargeError,
    UnknownPresetError,
)
from shared.spec.mistakes import Mistake, request_mistakes, summary

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[type[BaseException], int] = {
    RetryableError: 503,
    PermanentError: 422,
    TooLargeError: 413,
    NotFoundError: 404,
    UnknownPresetError: 404,
    ConflictError: 409,
    PicturesGoneError: 410,
    ConfigurationError: 500,
    DreamqueueError: 500,
}
"""The nearest ancestor of an error decides."""

RETRY_AFTER_SECONDS: Mapping[type[BaseException], int] = {NoNetworkKnownError: 10, RetryableError: 2}
"""When it is worth asking again."""

CODES: Mapping[int, str] = {404: "no_such_path", 405: "method_not_allowed", 415: "unsupported_media_type"}
"""Codes of what the framework itself refuses."""


class ProblemError(Exception):
    """An answer that is a problem, raised where no error of the service fits."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem, headers)
        self.problem = problem
        self.headers = headers


def problem(status: int, code: str, detail: str, errors: list[Mistake] | None = None) -> Problem:
    """A problem titled as its status is."""
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=errors)


def unsupported_media_type(got: str | None, possible: str) -> ProblemError:
    """415: the body is of a kind that is not taken."""
    return ProblemError(problem(415, CODES[415], f"cannot take a body of type {got!r}; possible are {possible}"))


def invalid_spec(mistakes: tuple[Mistake, ...]) -> ProblemError:
    """422: the spec has these mistakes."""
    return ProblemError(problem(422, SpecError.code, summary(mistakes), list(mistakes)))


def problem_of(error: DreamqueueError) -> Problem:
    """The problem that one of our errors is."""
    status = nearest(STATUSES, error)
    if isinstance(error, SpecError):
        return problem(status, error.code, str(error), [Mistake(pointer=error.pointer, message=error.message)])
    # A fault of the set-up is the operator's to read, in the log.
    detail = "the service is not set up rightly" if status >= 500 and status != 503 else str(error)
    return problem(status, error.code, detail)


def nearest(table: Mapping[type[BaseException], int], error: BaseException) -> int:
    """What a table says of the nearest ancestor of an error; 0 when it says nothing."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), 0)


def answer(found: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer that tells a problem."""
    body = found.model_dump_json(exclude_none=True)
    return Response(body, found.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of an app answered as a problem."""
    app.add_exception_handler(DreamqueueError, _on_our_error)
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(Exception, _on_surprise)


def _on_our_error(_: Request, error: Exception) -> Response:
    seconds = nearest(RETRY_AFTER_SECONDS, error)
    return answer(problem_of(cast("DreamqueueError", error)), {"Retry-After": str(seconds)} if seconds else None)


def _on_problem(_: Request, error: Exception) -> Response:
    told = cast("ProblemError", error)
    return answer(told.problem, told.headers)


def _on_refusal(request: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    code = CODES.get(refusal.status_code, "bad_request")
    detail = f"{request.method} {request.url.path}: {refusal.detail}"
    return answer(problem(refusal.status_code, code, detail), refusal.headers)


def _on_bad_request(_: Request, error: Exception) -> Response:
    mistakes = request_mistakes(cast("RequestValidationError", error).errors())
    return answer(problem(422, "invalid_request", summary(mistakes), list(mistakes)))


def _on_surprise(_: Request, __: Exception) -> Response:
    # What the error says is for the log alone.
    return answer(problem(500, "internal_error", "something went wrong here; the service's log tells what"))
