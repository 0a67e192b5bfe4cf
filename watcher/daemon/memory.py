"""What an engine or a day of work leaves behind is given back: a daemon that runs for years must not grow for it."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """Collect what nobody refers to, and return free memory to the machine where the C library can (malloc_trim(3) of glibc).

    The collector looks seldom by itself, and malloc keeps what it has: most of an engine would stay with each reload.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
