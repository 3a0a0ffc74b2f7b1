"""Takes in a picture and holds it until a job names it."""

from shared.artifacts.store import ArtifactStore
from shared.images import Picture, image_key, take_in
from shared.jobs.store import JobStore


def upload(store: JobStore, artifacts: ArtifactStore, data: bytes, max_pixels: int) -> Picture:
    """The picture as it is kept; the same bytes have the same id.

    Raises:
        BadImageError, TooLargeError: it is none, or none that is taken.
        ArtifactStoreError: the same picture is being removed just now.
    """
    picture = take_in(data, max_pixels)
    store.references.hold([picture.id])
    # Written again where it lies already: the time that it is kept without a job begins anew.
    artifacts.put(image_key(picture.id), picture.png)
    return picture
