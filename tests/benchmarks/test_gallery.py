"""The figures that pictures of the gallery are judged by tell what they say they tell."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.gallery import SEEN_AT_ONCE, STRIDE, border_share, crops, looks, main, yellow_share
from worker.engine.image import decode_png, encode_png, noise, solid


def test_a_change_along_the_borders_is_told_from_one_further_in() -> None:
    framed, spotted = solid((0, 0, 0), (60, 80)), solid((0, 0, 0), (60, 80))
    framed[:2], spotted[30:32] = 255, 255

    assert border_share(noise((60, 80), 1)) == pytest.approx(1.0, abs=0.1)
    assert border_share(framed) > 1000
    assert border_share(spotted) < 1


def test_yellow_is_neither_pale_nor_another_colour() -> None:
    picture = np.concatenate([solid(color, (4, 4)) for color in ((250, 220, 20), (250, 240, 200), (250, 20, 20))])

    assert yellow_share(picture) == pytest.approx(1 / 3)
    assert looks(solid((250, 220, 20), (32, 32)))["contrast"] == pytest.approx(solid((250, 220, 20), (1, 1)).std())


def test_every_crop_that_fits_is_looked_at() -> None:
    size = (SEEN_AT_ONCE + STRIDE, SEEN_AT_ONCE + 2 * STRIDE - 1)

    assert [crop.shape for crop in crops(noise(size, 1))] == [(SEEN_AT_ONCE, SEEN_AT_ONCE, 3)] * 4
    assert list(crops(noise((SEEN_AT_ONCE - 1, 500), 1))) == []


def test_a_folder_of_a_run_is_told_line_by_line(
    tmp_path: Path,
    photos_dir: Path,
    weights_dir: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    cat = decode_png((photos_dir / "cat.png").read_bytes())[:SEEN_AT_ONCE, :SEEN_AT_ONCE]
    (tmp_path / "cat.png").write_bytes(encode_png(cat))
    trace = [{"octave": 0.0, "objective": 9.0}, {"octave": 1.0, "objective": 2.0}, {"octave": 1.0, "objective": 5.0}]
    manifest = {"stages": [{"artifacts": ["cat.png", "animation.gif"], "trace": trace, "seconds": 3.0}]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("DREAMQUEUE_WEIGHTS__DIR", str(weights_dir))

    # when
    main([tmp_path])

    # then
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{tmp_path.name} cat.png  contrast ")
    assert line.endswith("seconds 3  objective before its last step over the first 2.5")
    assert float(line.split("dogs at most ")[1].split()[0]) < 0.01
