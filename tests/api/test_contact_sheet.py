"""The sheet of a job's frames."""

from pathlib import Path

from PIL import Image

from api.contact_sheet import BACKGROUND, contact_sheet, frames_by_row


def pictures(folder: Path, *names: str) -> dict[str, Path]:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (60, 40), "red").save(folder / name)
    return {name: folder / name for name in names}


def test_dreams_stand_above_their_paintings_in_order(tmp_path: Path) -> None:
    files = pictures(tmp_path, "styled/00-a.png", "frames/01-b.png", "frames/00-a.png", "styled/01-b.png")

    rows, labels = frames_by_row(files | {"animation.gif": tmp_path / "animation.gif"})

    assert rows == [
        [tmp_path / "frames/00-a.png", tmp_path / "frames/01-b.png"],
        [tmp_path / "styled/00-a.png", tmp_path / "styled/01-b.png"],
    ]
    assert labels == ["a", "b"]


def test_every_picture_is_on_the_sheet(tmp_path: Path) -> None:
    rows, labels = frames_by_row(pictures(tmp_path, "frames/00-a.png", "frames/01-b.png", "styled/00-a.png"))

    sheet = contact_sheet(rows, labels)

    red = sum(count for count, color in sheet.getcolors(sheet.width * sheet.height) or [] if color == (255, 0, 0))
    assert red == 3 * 240 * 160
    assert sheet.getpixel((0, 0)) == BACKGROUND
