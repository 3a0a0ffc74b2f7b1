"""Pictures handed in and given back."""

import errno
import io
import struct
import zlib

import httpx
import pytest
from PIL import Image

from tests.api.painter import encoded, png

SIZE = (40, 30)


def test_a_picture_is_taken_in_and_given_back(http: httpx.Client) -> None:
    taken = http.post("/v1/images", content=png(size=(30, 40)))

    answer = taken.json()
    assert taken.status_code == 201
    assert (answer["width"], answer["height"]) == (40, 30)
    assert taken.headers["location"] == f"/v1/images/{answer['id']}"
    given = http.get(taken.headers["location"])
    assert given.status_code == 200
    assert given.headers["content-type"] == "image/png"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert len(given.content) == answer["bytes"]


def test_the_same_bytes_have_the_same_id_however_they_are_sent(http: httpx.Client) -> None:
    raw = http.post("/v1/images", content=png(), headers={"Content-Type": "image/png"})
    form = http.post("/v1/images", files={"file": ("../../etc/passwd", png(), "text/html")})

    assert form.status_code == 201
    assert raw.json() == form.json()


def test_a_picture_the_client_has_is_not_sent_again(http: httpx.Client) -> None:
    place = http.post("/v1/images", content=png()).headers["location"]
    tag = http.get(place).headers["etag"]

    again = http.get(place, headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""


PICTURES = {
    "16-bit grey": lambda: encoded(Image.new("I;16", SIZE, 30_000), "PNG"),
    "palette with a clear colour": lambda: encoded(Image.new("P", SIZE), "PNG", transparency=0),
    "CMYK": lambda: encoded(Image.new("CMYK", SIZE, (10, 20, 30, 40)), "JPEG"),
    "alpha": lambda: encoded(Image.new("RGBA", SIZE, (255, 0, 0, 0)), "PNG"),
    "grey with alpha": lambda: encoded(Image.new("LA", SIZE, (3, 200)), "PNG"),
    "one bit": lambda: encoded(Image.new("1", SIZE), "PNG"),
    "WebP": lambda: encoded(Image.new("RGB", SIZE), "WEBP"),
    "a JPEG with an extension block": lambda: encoded(Image.new("RGB", SIZE), "JPEG", comment=b"x" * 5000),
}


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES.keys())
def test_every_kind_of_picture_becomes_plain_rgb(http: httpx.Client, make: object) -> None:
    taken = http.post("/v1/images", content=make())  # type: ignore[operator]

    assert taken.status_code == 201, taken.text
    with Image.open(io.BytesIO(http.get(taken.headers["location"]).content)) as image:
        assert (image.mode, image.size) == ("RGB", SIZE)


def test_clear_parts_become_white(http: httpx.Client) -> None:
    taken = http.post("/v1/images", content=PICTURES["alpha"]())

    with Image.open(io.BytesIO(http.get(taken.headers["location"]).content)) as image:
        assert image.getpixel((0, 0)) == (255, 255, 255)


def test_a_picture_turned_by_its_camera_is_turned_upright(http: httpx.Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    taken = http.post("/v1/images", content=encoded(Image.new("RGB", SIZE), "JPEG", exif=exif)).json()

    assert (taken["width"], taken["height"]) == SIZE[::-1]


def test_a_picture_with_a_colour_profile_can_be_used_in_a_job(http: httpx.Client) -> None:
    picture = encoded(Image.new("RGB", SIZE), "PNG", icc_profile=b"profile" * 100)
    image = http.post("/v1/images", content=picture).json()["id"]
    spec = {"source": {"image": image}, "max_size": 32, "dream": {"network": "vgg16", "layers": [1]}}

    answer = http.post("/v1/jobs", json=spec, params={"dry_run": True})

    assert answer.status_code == 422, answer.text
    assert "32 x 32 pixels at least" in answer.json()["detail"]


BAD_PICTURES = {
    "a text": (b"hello", 422, "bad_image"),
    "nothing": (b"", 422, "bad_image"),
    "a GIF": (encoded(Image.new("RGB", SIZE), "GIF"), 422, "bad_image"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "bad_image"),
    "half a PNG": (encoded(Image.effect_noise((100, 100), 90), "PNG")[:4000], 422, "bad_image"),
    "half a JPEG": (encoded(Image.effect_noise((100, 100), 90), "JPEG")[:2000], 422, "bad_image"),
    "more bytes than are taken": (200_001 * b"x", 413, "too_large"),
    "more pixels than are taken": (png(size=(1001, 1000)), 413, "too_large"),
}


@pytest.mark.parametrize(("data", "status", "code"), BAD_PICTURES.values(), ids=BAD_PICTURES.keys())
def test_what_is_no_picture_is_refused(http: httpx.Client, data: bytes, status: int, code: str) -> None:
    refused = http.post("/v1/images", content=data)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_picture_that_claims_to_be_vast_is_refused_before_it_is_decoded(http: httpx.Client) -> None:
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")

    refused = http.post("/v1/images", content=bomb)

    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_a_stream_without_length_is_cut_off_at_the_limit(http: httpx.Client) -> None:
    pieces = (10_000 * b"x" for _ in range(400))

    refused = http.post("/v1/images", content=pieces)

    assert refused.status_code == 413


def test_a_large_file_in_a_form_is_cut_off_too(http: httpx.Client) -> None:
    refused = http.post("/v1/images", files={"file": ("a.png", 300_000 * b"x")})

    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_a_form_without_a_file_is_refused(http: httpx.Client) -> None:
    refused = http.post("/v1/images", files={"picture": ("a.png", png())})

    assert refused.status_code == 422
    assert "'file'" in refused.json()["detail"]


def test_a_broken_form_is_refused(http: httpx.Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    refused = http.post("/v1/images", content=b"--y\r\nnothing", headers=headers)

    assert refused.status_code in {400, 422}
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_type_is_refused_with_those_that_are_taken(http: httpx.Client) -> None:
    refused = http.post("/v1/images", content=png(), headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    assert "image/*" in refused.json()["detail"]


@pytest.mark.parametrize(("image", "status"), [("sha256:" + 64 * "0", 404), ("..%2f..%2fetc", 404), ("x", 422)])
def test_a_picture_that_is_not_there_is_not_found(http: httpx.Client, image: str, status: int) -> None:
    assert http.get(f"/v1/images/{image}").status_code == status


def test_a_full_disk_is_told(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shared.artifacts.directory._write_in_place", full)

    refused = http.post("/v1/images", content=png())

    assert (refused.status_code, refused.json()["code"]) == (503, "artifact_store_unavailable")
    assert "retry-after" in refused.headers


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
