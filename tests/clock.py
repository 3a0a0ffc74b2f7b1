"""A clock that tells another time than the machine's, and can be moved under the processes that look at it."""

from collections.abc import Mapping
from pathlib import Path

from tests.conftest import missing

ROOT = Path(__file__).parents[1]
LIBRARY = "faketime/libfaketimeMT.so.1"


class Clock:
    """What a process takes for the time of day; durations are measured as ever, as on a machine whose clock is set."""

    def __init__(self, file: Path, off_seconds: int = 0) -> None:
        self._file = file
        self.move(off_seconds)

    def move(self, off_seconds: int) -> None:
        """Be off by so many seconds from now on; whoever looks knows it a second later."""
        aside = self._file.with_suffix(".new")
        aside.write_text(f"{off_seconds:+d}\n")
        aside.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to look at this clock instead of the machine's."""
        library = next((str(path) for path in Path("/usr/lib").glob(f"*/{LIBRARY}")), None)
        return {
            "LD_PRELOAD": library or missing("to move a clock takes libfaketime: apt-get install faketime"),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Files are as old as they are.
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": f"{ROOT}:{Path(__file__).parent / 'moved_clock'}",
        }
