"""What was written is opened by another's reader before it is kept."""

import pytest

from tests.worker.engine.moving import animated, clouds
from worker.engine.containers import read_back
from worker.engine.errors import UnreadableError

SIZE = (24, 32)
FORMATS = ("gif", "webp", "apng")


@pytest.mark.parametrize("container", FORMATS)
def test_a_whole_file_is_kept_as_it_is(container: str) -> None:
    # given
    encoded = animated(clouds(3, SIZE), container=container)

    # then
    assert read_back(encoded, container, SIZE, 3) == encoded


@pytest.mark.parametrize("container", FORMATS)
@pytest.mark.parametrize(("size", "pictures"), [((32, 24), 3), (SIZE, 4)])
def test_a_file_of_other_pictures_is_refused(container: str, size: tuple[int, int], pictures: int) -> None:
    # given
    encoded = animated(clouds(3, SIZE), container=container)

    # then
    with pytest.raises(UnreadableError, match=r"3 pictures of \(24, 32\)"):
        read_back(encoded, container, size, pictures)


@pytest.mark.parametrize("container", FORMATS)
def test_what_no_reader_opens_is_refused(container: str) -> None:
    with pytest.raises(UnreadableError, match="does not read back"):
        read_back(b"GIF89a and then nothing", container, SIZE, 1)
