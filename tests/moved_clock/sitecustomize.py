"""Lets Python sleep under libfaketime 0.9.10, which takes the end of a sleep for a time of the clock it moves.

Python sleeps until a time of the monotonic clock, which is not moved; libfaketime mends it only later (its issue 426).
"""

import threading
import time


def sleep(seconds: float) -> None:
    """Sleep by a wait that nobody ends, which libfaketime leaves alone."""
    threading.Event().wait(seconds)


time.sleep = sleep
