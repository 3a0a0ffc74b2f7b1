"""Stands in for workers: takes stages as they do, and leaves small plain pictures as their results."""

import hashlib
import io
from collections.abc import Mapping

from PIL import Image

from shared.artifacts.store import ArtifactStore
from shared.jobs.records import ArtifactRef, Failure
from shared.jobs.store import JobStore
from shared.leases import Lease, Leases, UnitReport
from shared.plan.records import Stage, StageKind
from shared.results import StageResult, frame_name, result_folder
from shared.settings import LeaseSettings

MEDIA_TYPES = {"npy": "application/octet-stream", "png": "image/png", "gif": "image/gif"}


def png(color: str = "teal", size: tuple[int, int] = (48, 64), mode: str = "RGB") -> bytes:
    """A plain picture; the size is (height, width)."""
    return encoded(Image.new(mode, (size[1], size[0]), color), "PNG")


def encoded(image: Image.Image, picture_format: str, **options: object) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, picture_format, **options)
    return buffer.getvalue()


class Painter:
    """Carries out the stages of jobs through the real leases."""

    def __init__(self, store: JobStore, artifacts: ArtifactStore) -> None:
        self.store = store
        self.artifacts = artifacts
        self.leases = Leases(store.redis, store.prefix, LeaseSettings())

    def begin(self, job_id: str, stage_id: str | None = None) -> Lease:
        """Take a stage, by default the first that is runnable."""
        wanted = stage_id or self.store.runnable(job_id)[0]
        lease = self.leases.acquire(job_id, wanted, "painter@easel", f"task-{wanted}")
        assert isinstance(lease, Lease), lease
        return lease

    def unit(self, lease: Lease, progress: float, detail: str = "", preview: bytes | None = None) -> str:
        """Report a unit, with the time it took."""
        key = None
        if preview is not None:
            key = f"previews/{lease.job_id}/{lease.stage_id}.png"
            self.artifacts.put(key, preview)
        eta_seconds = (1 - progress) * 10
        return self.leases.record_unit(
            lease, UnitReport(progress, detail, preview=key, seconds=10 * progress, eta_seconds=eta_seconds)
        )

    def finish(self, lease: Lease) -> None:
        """Leave the files of a stage and commit."""
        stage = self.store.get(lease.job_id).plan.stage(lease.stage_id)
        refs = tuple(self._keep(stage, name, data) for name, data in files_of(stage).items())
        result = StageResult(
            key=stage.key,
            kind=stage.kind,
            seconds=10.0,
            trace=({"objective": 1.0},),
            artifacts=refs,
            made_by={"worker": "painter"},
        )
        self.artifacts.put(result_folder(stage.key) + "result.json", result.model_dump_json().encode())
        self.leases.commit(lease, refs, 10.0)

    def fail(self, lease: Lease, message: str) -> None:
        """End a stage, and its job, for good."""
        failure = Failure(
            code="not_finite",
            message=message,
            stage=lease.stage_id,
            worker="painter@easel",
            attempt=lease.attempt,
            traceback=f"Traceback (most recent call last):\n  [bold]\nNotFiniteError: {message}\n",
            log_tail="stage begins [/nothing] attempt=1",
        )
        self.leases.fail(lease, failure, retry=False)

    def paint(self, job_id: str) -> None:
        """Carry out all stages of a job."""
        while runnable := self.store.runnable(job_id):
            for stage_id in runnable:
                self.finish(self.begin(job_id, stage_id))

    def _keep(self, stage: Stage, name: str, data: bytes) -> ArtifactRef:
        key = result_folder(stage.key) + name
        self.artifacts.put(key, data)
        media_type = MEDIA_TYPES[name.rpartition(".")[2]]
        digest = hashlib.sha256(data).hexdigest()
        return ArtifactRef(name=name, key=key, sha256=digest, bytes=len(data), media_type=media_type)


def files_of(stage: Stage) -> Mapping[str, bytes]:
    """What a stage makes; every picture is another."""
    color = f"#{stage.key[:6]}"
    if stage.kind is StageKind.ANIMATE:
        return {"animation.gif": encoded(Image.new("RGB", (64, 48), color), "GIF")}
    files: dict[str, bytes] = {}
    for number in stage.frames:
        size = (48, 64 + (number or 0))
        files[frame_name(number, "npy")] = stage.key.encode() * 100
        files[frame_name(number, "png")] = png(color, size)
    return files
