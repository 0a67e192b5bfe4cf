"""The child that parses: reads jobs from its standard input, answers each on its standard output, and can do little else.

Run as ``python -m watcher.sandbox_child MEGABYTES SECONDS`` by `watcher.sandbox`, and by nobody else. A frame is four bytes
that say its length, and so many bytes. A job is two frames: what is to be known of a document, and its body. An answer is one
(see `watcher.parse.wire`); an empty one comes first, when the child is ready.

It may use so much memory, and so much processor time for each document; it writes no file and starts no process. It ends when
its input does, and when its parent dies, whatever it is doing then.
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from watcher.parse.wire import Job

#: The status it ends with when a document needs more memory than it may use: to say so by an answer would need some too.
OUT_OF_MEMORY = 12

_PR_SET_PDEATHSIG = 1
#: Enough for imports, which open one file at a time.
_OPEN_FILES = 32


def frame(content: bytes) -> bytes:
    """Content as a frame."""
    return len(content).to_bytes(4) + content


def main() -> None:
    """Answer jobs until the input ends."""
    megabytes, seconds = (int(word) for word in sys.argv[1:])
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not pass for an answer.
    os.dup2(2, 1)
    try:
        _restrict(megabytes * 1_000_000)
        _serve(sys.stdin.buffer, answers, seconds)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    os._exit(0)


def _serve(jobs: BinaryIO, answers: BinaryIO, seconds: int) -> None:
    # Not before there are limits: what this loads is what they are for.
    from watcher.parse import wire  # noqa: PLC0415

    answer = b""
    while True:
        answers.write(frame(answer))
        answers.flush()
        job, body = _read_frame(jobs), _read_frame(jobs)
        if job is None or body is None:
            return
        _allow(seconds)
        answer = _parse(wire.decode_job(job), body)


def _parse(job: Job, body: bytes) -> bytes:
    """The answer to one job. What a parser raises beside its own error ends the child, as a crash would."""
    from watcher.errors import ParseError  # noqa: PLC0415
    from watcher.parse import parse_feed, parse_page, wire  # noqa: PLC0415

    try:
        if job.now is None:
            return wire.encode_page(parse_page(body, content_type=job.content_type, url=job.url))
        return wire.encode_feed(parse_feed(body, content_type=job.content_type, url=job.url, now=job.now))
    except ParseError as error:
        return wire.encode_refusal(error)


def _read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None where the input ends."""
    head = stream.read(4)
    content = stream.read(int.from_bytes(head))
    return content if len(head) == 4 and len(content) == int.from_bytes(head) else None


def _restrict(memory: int) -> None:
    """Give up for good what parsing does not need."""
    with suppress(OSError):
        # Where memory runs short for all, the kernel shall take this process and not the one that it works for.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_NPROC, 0)
    # A parent that died before this has ended our input, so nobody is left behind, were it in the middle of a document.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _lower(limit: int, most: int) -> None:
    """Set a limit, soft and hard; a stricter one that we were started with stays."""
    _, hard = resource.getrlimit(limit)
    lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (lower, lower))


def _allow(seconds: int) -> None:
    """So much processor time from now on; then the kernel sends SIGXCPU, which ends us."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


if __name__ == "__main__":
    main()
