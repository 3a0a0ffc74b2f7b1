"""Specs as people write them."""

import io
import json
from pathlib import Path

import pytest

from shared.errors import SpecError
from shared.spec.file import overridden, parse_spec, read_spec, replace_images, with_absolute_images

ID = "sha256:" + 64 * "0"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("spec.yaml", "seed: 7\ndream: {layers: [1, 2]}"),
        ("spec.yml", "seed: 7\ndream: {layers: [1, 2]}"),
        ("spec.json", '{"seed": 7, "dream": {"layers": [1, 2]}}'),
        ("spec.toml", "seed = 7\n[dream]\nlayers = [1, 2]"),
    ],
)
def test_a_spec_is_the_same_in_every_language(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    assert read_spec(tmp_path / name) == {"seed": 7, "dream": {"layers": [1, 2]}}


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"seed": 7}')))

    assert read_spec(Path("-")) == {"seed": 7}


BAD_TEXTS = {
    "no mapping": ("yaml", "- 1", "mapping of fields"),
    "nothing": ("yaml", "", "got nothing"),
    "broken YAML": ("yaml", "a: [", "not YAML"),
    "broken JSON": ("json", "{", "not JSON"),
    "broken TOML": ("toml", "a", "not TOML"),
    "no text": ("yaml", b"\xff\xfe\xff", "not YAML"),
    "a field twice in YAML": ("yaml", "a: 1\na: 2", "'a' is given twice"),
    "a field twice in JSON": ("json", '{"a": 1, "a": 2}', "'a' is given twice"),
    "aliases, which can grow without bound": ("yaml", "a: &x [1]\nb: [*x, *x]", "aliases"),
    "Python objects": ("yaml", "a: !!python/object/apply:os.system [ls]", "not YAML"),
    "a list as a field's name": ("yaml", "? [1]\n: 2", "not YAML"),
    "a depth without bound": ("json", 100_000 * "[", "deep"),
    "depth in YAML": ("yaml", 5_000 * "[", "deep"),
    "more depth than any spec has": ("json", 40 * '{"a":' + "1" + 40 * "}", "deep"),
    "a number that cannot even be shown": ("yaml", "seed: 0x" + 5_000 * "f", "a whole number of 20000 bits"),
    "half a character": ("json", r'{"name": "\ud800"}', "cannot be written"),
    "half a character as a field": ("json", r'{"\ud800": 1}', "cannot be written"),
    "bytes": ("yaml", "name: !!binary aGk=", "a bytes is nothing that JSON knows"),
    "a set": ("yaml", "a: !!set {b}", "a set is nothing that JSON knows"),
    "a date": ("toml", "name = 2026-11-24", "a date is nothing that JSON knows: 2026-11-24; put it in quotes"),
    "another language": ("xml", "<a/>", "possible are json, toml, yaml, yml"),
}


@pytest.mark.parametrize(("language", "text", "told"), BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_a_text_that_is_no_spec_is_refused_with_a_reason(language: str, text: str | bytes, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        parse_spec(text, language)


def test_what_no_spec_can_hold_is_told_with_its_place() -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec("style: {images: [{weight: 1}, {weight: 0b1" + 70 * "0" + "}]}", "yaml")

    assert caught.value.pointer == "/style/images/1/weight"


def test_what_looks_like_a_date_is_text() -> None:
    assert parse_spec("name: 2026-11-24", "yaml") == {"name": "2026-11-24"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"there is no spec at .*nothing\.yaml"):
        read_spec(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("seed=8", {"seed": 8}),
        ("dream.iterations=20", {"seed": 7, "dream": {"iterations": 20}}),
        ("dream.layers=[1, conv4_2]", {"seed": 7, "dream": {"layers": [1, "conv4_2"]}}),
        ("dream=null", {"seed": 7, "dream": None}),
        ("name=a=b", {"seed": 7, "name": "a=b"}),
    ],
)
def test_an_override_sets_one_field(override: str, expected: object) -> None:
    assert {"seed": 7} | overridden({"seed": 7}, override) == {"seed": 7} | expected  # type: ignore[operator]


def test_an_override_reaches_into_lists_and_leaves_the_data_alone() -> None:
    data = {"style": {"images": [{"weight": 1}, {"weight": 2}]}}

    changed = overridden(data, "style.images.1.weight=5")

    assert changed == {"style": {"images": [{"weight": 1}, {"weight": 5}]}}
    assert data["style"]["images"][1] == {"weight": 2}


@pytest.mark.parametrize(
    "override",
    [
        "seed",
        "=3",
        "a..b=3",
        "list.2=1",
        "list.x=1",
        "seed.a=1",
        "seed=[",
        "seed={a: 1, a: 2}",
        "seed=0x" + 5_000 * "f",
    ],
)
def test_an_override_without_a_place_is_refused(override: str) -> None:
    with pytest.raises(SpecError):
        overridden({"seed": 7, "list": [1, 2]}, override)


def test_pictures_of_a_file_lie_beside_it_and_those_of_an_override_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "specs").mkdir()
    path = tmp_path / "specs" / "spec.json"
    images = [{"image": "a.png"}, {"image": ID}, {"image": str(tmp_path / "c.png")}]
    path.write_text(json.dumps({"source": {"image": "b.png"}, "style": {"images": images}}))
    monkeypatch.chdir(tmp_path)

    data = read_spec(path, ["source.image=d.png"])

    assert data["source"]["image"] == str(tmp_path / "d.png")
    assert [item["image"] for item in data["style"]["images"]] == [
        str(tmp_path / "specs" / "a.png"),
        ID,
        str(tmp_path / "c.png"),
    ]


def test_pictures_are_replaced_by_their_ids(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    uploaded: list[Path] = []

    def upload(path: Path) -> str:
        uploaded.append(path)
        return ID

    data = replace_images({"source": {"image": str(tmp_path / "a.png")}, "style": {"images": [{"image": ID}]}}, upload)

    assert data == {"source": {"image": ID}, "style": {"images": [{"image": ID}]}}
    assert uploaded == [tmp_path / "a.png"]


def refusing(_: Path) -> str:
    raise PermissionError(13, "Permission denied")


BAD_PATHS = {
    "nothing there": ("/nowhere/a.png", "there is no picture /nowhere/a.png"),
    "a folder": ("/", "there is no picture /"),
    "a name too long": ("/" + 5_000 * "a", "File name too long"),
    "a name that cannot be": ("a\0b", "there is no picture"),
    "a file that may not be read": (__file__, "test_file.py: Permission denied"),
    "nobody's home": ("~nobody-of-that-name/a.png", "cannot read the picture ~nobody-of-that-name"),
}


@pytest.mark.parametrize(("path", "told"), BAD_PATHS.values(), ids=BAD_PATHS.keys())
def test_a_picture_that_cannot_be_read_is_named_with_its_place(path: str, told: str) -> None:
    with pytest.raises(SpecError) as caught:
        replace_images(with_absolute_images({"style": {"images": [{"image": path}]}}, Path.cwd()), refusing)

    assert told in caught.value.message
    assert caught.value.pointer == "/style/images/0/image"
