"""The errors of dreamqueue, as one tree whose first branch answers: would it help to try again?

DreamqueueError
├── RetryableError              trying again may succeed
│   ├── StoreUnavailableError   Redis does not answer
│   ├── ArtifactStoreError      pictures cannot be written or read just now
│   ├── ArtifactCorruptError    the bytes read are not the bytes that were written
│   ├── NoNetworkKnownError     no worker has said yet which networks it has
│   └── LeaseLostError          another worker holds the stage by now
├── StageFailedError            an attempt at a stage failed, and that is on record: there is nothing left to decide
└── PermanentError              trying again fails in the same way
    ├── SpecError               the spec cannot be carried out as it stands
    ├── BadImageError           the bytes are not a picture we can read
    ├── BadOwnerError           the name given cannot be an owner's
    ├── TooLargeError           more bytes, pixels or work than is allowed
    ├── NotFoundError           there is no such job, stage, artifact or image
    ├── PicturesGoneError       the job has outlived its pictures
    ├── ConflictError           the status of the job forbids it
    ├── UnknownNetworkError     no network of that name
    ├── UnknownPresetError      no preset of that name
    ├── WeightsUnavailableError none of the sources has the weights
    ├── WeightsCorruptError     the weights are not the published ones
    ├── WeightsDiskFullError    no room left to keep the weights
    └── ConfigurationError      the service cannot start as it is set up
"""

from typing import ClassVar


class DreamqueueError(Exception):
    """Anything that dreamqueue itself reports; `code` is stable and machine-readable."""

    code: ClassVar[str] = "error"


class RetryableError(DreamqueueError):
    """Trying again, later or elsewhere, may succeed."""

    code = "temporary"


class StoreUnavailableError(RetryableError):
    """Redis does not answer, or answers that it cannot serve."""

    code = "store_unavailable"


class ArtifactStoreError(RetryableError):
    """The artifact store cannot be written or read just now."""

    code = "artifact_store_unavailable"


class ArtifactCorruptError(RetryableError):
    """What was read is not what was written; it has been set aside and will be made again."""

    code = "artifact_corrupt"


class NoNetworkKnownError(RetryableError):
    """`network: auto` was asked for before any worker had said which networks it has."""

    code = "no_network_known"


class LeaseLostError(RetryableError):
    """The stage belongs to another worker, or to nobody, by now."""

    code = "lease_lost"


class StageFailedError(DreamqueueError):
    """An attempt at a stage failed; whoever counts attempts knows already, this is for whoever shows tasks."""

    code = "stage_failed"


class PermanentError(DreamqueueError):
    """Trying again fails in the same way."""

    code = "permanent"


class SpecError(PermanentError):
    """The spec cannot be carried out as it stands; `pointer` is the JSON pointer of the field."""

    code = "invalid_spec"

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def __str__(self) -> str:
        """The message with the place it speaks of."""
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class BadImageError(PermanentError):
    """The bytes are not a picture that we can read."""

    code = "bad_image"


class BadOwnerError(PermanentError):
    """The name given for a job's owner is empty, too long or cannot be shown."""

    code = "bad_owner"


class TooLargeError(PermanentError):
    """More bytes, pixels or work than the service allows."""

    code = "too_large"


class NotFoundError(PermanentError):
    """There is no such job, stage, artifact or image."""

    code = "not_found"


class PicturesGoneError(PermanentError):
    """The job's record is there, but the time that its pictures are kept is over."""

    code = "pictures_gone"


class ConflictError(PermanentError):
    """The status of the job forbids what was asked."""

    code = "conflict"


class UnknownNetworkError(PermanentError):
    """There is no network of that name."""

    code = "unknown_network"


class UnknownPresetError(PermanentError):
    """There is no preset of that name."""

    code = "unknown_preset"


class WeightsUnavailableError(PermanentError):
    """None of the sources of a network's weights could be reached."""

    code = "weights_unavailable"


class WeightsCorruptError(PermanentError):
    """A file of weights is not the published one."""

    code = "weights_corrupt"


class WeightsDiskFullError(PermanentError):
    """There is no room left to keep the weights."""

    code = "weights_disk_full"


class ConfigurationError(PermanentError):
    """The service cannot start as it is set up."""

    code = "configuration"
