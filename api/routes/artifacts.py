"""Gives out the files of a job: whole, in parts, or not again."""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.answers import ArtifactList
from api.conditional import matches, tagged, tagged_bytes
from api.dependencies import ArtifactsDep, FileConditionsDep, IfNoneMatch, JobWithPictures, StoreDep
from api.gallery import MANIFEST, listed, manifest_of, newest_picture
from api.problems import ProblemError, problem
from api.ranges import ByteRange, UnsatisfiableRangeError, requested_range
from api.views import artifact_answer
from shared.artifacts.store import ArtifactStore
from shared.errors import NotFoundError
from shared.jobs.records import ArtifactRef

router = APIRouter(prefix="/v1/jobs/{job_id}", tags=["artifacts"])

CHUNK_BYTES = 2**20
IMMUTABLE = "private, max-age=31536000, immutable"


@router.get("/artifacts", response_model=ArtifactList)
def list_artifacts(
    job: JobWithPictures, store: StoreDep, artifacts: ArtifactsDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Every file that the job has made so far, and its manifest."""
    stages = store.stages(job.id)
    files = {**listed(job, stages), MANIFEST: manifest_of(job, stages, artifacts)[1]}
    return tagged(
        ArtifactList(artifacts=[artifact_answer(job.id, name, ref) for name, ref in files.items()]), if_none_match
    )


@router.get(
    "/artifacts/{name:path}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, 206: {"description": "part of the file"}},
)
def give_artifact(
    job: JobWithPictures, name: str, store: StoreDep, artifacts: ArtifactsDep, conditions: FileConditionsDep
) -> Response:
    """One file, under the name that the list gives it."""
    stages = store.stages(job.id)
    if name == MANIFEST:
        body, ref = manifest_of(job, stages, artifacts)
        return tagged_bytes(body, conditions.if_none_match, ref.media_type)
    files = listed(job, stages)
    if name not in files:
        made = ", ".join([*files, MANIFEST])
        raise NotFoundError(f"job {job.id} has no artifact {name!r}; it has {made}")
    ref = files[name]
    headers = {"ETag": f'"{ref.sha256}"', "Cache-Control": IMMUTABLE, "Accept-Ranges": "bytes"}
    if matches(headers["ETag"], conditions.if_none_match):
        return Response(status_code=304, headers=headers)
    return _file(artifacts, ref, conditions.range_for(headers["ETag"]), headers)


@router.get("/preview", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def preview(
    job: JobWithPictures, store: StoreDep, artifacts: ArtifactsDep, if_none_match: IfNoneMatch = None
) -> Response:
    """The latest picture of the job: of the stage that runs, or the newest finished frame."""
    for key in newest_picture(store.stages(job.id)):
        # A preview goes when its stage is done, perhaps just now; the next candidate is then the finished frame.
        if artifacts.size(key) is not None:
            return tagged_bytes(artifacts.get(key), if_none_match, "image/png")
    raise NotFoundError(f"job {job.id} has no picture yet")


def _file(artifacts: ArtifactStore, ref: ArtifactRef, asked: str | None, headers: dict[str, str]) -> Response:
    """A file or the part asked for, read piece by piece."""
    if artifacts.size(ref.key) is None:
        raise NotFoundError(f"the file {ref.name} is no longer kept")
    try:
        part = requested_range(asked, ref.bytes)
    except UnsatisfiableRangeError as error:
        told = problem(416, "range_not_satisfiable", str(error))
        raise ProblemError(told, {"Content-Range": f"bytes */{ref.bytes}"}) from None
    status = 200 if part is None else 206
    if part is not None:
        headers = {**headers, "Content-Range": part.content_range(ref.bytes)}
    whole = part or ByteRange(0, ref.bytes)
    headers = {**headers, "Content-Length": str(whole.length)}
    return StreamingResponse(_pieces(artifacts, ref.key, whole), status, headers, ref.media_type)


def _pieces(artifacts: ArtifactStore, key: str, part: ByteRange) -> Iterator[bytes]:
    stop = part.start + part.length
    for start in range(part.start, stop, CHUNK_BYTES):
        yield artifacts.read(key, start, min(CHUNK_BYTES, stop - start))
