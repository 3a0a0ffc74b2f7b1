"""The distribution as others meet it."""

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from zipfile import ZipFile

from shared.presets.catalogue import FOLDER
from tests.conftest import ROOT, missing

OURS = {"api", "worker", "shared", "deploy"}


def test_our_top_level_names_belong_to_nobody_else() -> None:
    for distribution in distributions():
        if distribution.name == "dreamqueue":
            continue
        tops = {path.parts[0] for path in distribution.files or () if len(path.parts) > 1}
        modules = {path.stem for path in distribution.files or () if len(path.parts) == 1 and path.suffix == ".py"}
        assert not OURS & (tops | modules), distribution.name


def test_presets_and_their_pictures_come_with_the_wheel(tmp_path: Path) -> None:
    wanted = {path.relative_to(ROOT).as_posix() for path in FOLDER.rglob("*") if path.suffix in {".yaml", ".jpg"}}

    subprocess.run([uv(), "build", "--quiet", "--wheel", "--out-dir", tmp_path, ROOT], check=True)

    (wheel,) = tmp_path.glob("*.whl")
    assert wanted
    assert wanted <= set(ZipFile(wheel).namelist())


def uv() -> str:
    """The program that builds wheels; `make` puts it beside this Python."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else missing("uv is not beside this Python; `make test` puts it there")
