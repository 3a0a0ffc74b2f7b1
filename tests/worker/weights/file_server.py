"""A small web server with the faults of real ones, for tests that download."""

import hashlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler


@dataclass
class FileServer:
    """Serves `files`; `break_after` holds, for each answer to come, after how many bytes the connection breaks."""

    files: dict[str, bytes] = field(default_factory=dict)
    break_after: list[int] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    sent_bytes: int = 0
    url: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one GET as RFC 9110 wants it, but for the breaks that a test has ordered."""
        body = self.files.get(request.path.lstrip("/"))
        self.ranges.append(request.headers.get("Range", ""))
        if body is None:
            request.send_error(404)
            return
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        start = self._start(request, etag)
        if start >= len(body):
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        request.send_header("ETag", etag)
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        end = start + self.break_after.pop(0) if self.break_after else len(body)
        self.sent_bytes += min(end, len(body)) - start
        request.wfile.write(body[start:end])

    def _start(self, request: BaseHTTPRequestHandler, etag: str) -> int:
        wanted = request.headers.get("Range")
        if wanted is None or request.headers.get("If-Range") != etag:
            return 0
        return int(wanted.removeprefix("bytes=").removesuffix("-"))
