"""What bad answers cost: for each kind a fresh process, its most memory above what one good fetch took, and its processor time.

    python tests/bench/bombs.py

The server is another process. Every kind ends in an error or a bounded body; the bound on memory is 20 MB (`BOUND`).
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import resource
import sys
import time
import zlib
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from feedserver import Answer, Entry, FeedServer, rss

from watcher.errors import FetchError
from watcher.fetch import Fetcher, Limits, Request

BOUND = 20_000_000
OK = b"HTTP/1.1 200 OK\r\n"
FEED = rss(Entry("The Glass Orchard opens in May", guid="1"))


def _zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


def _coded(body: bytes, coding: str) -> Answer:
    return Answer(body, headers={"Content-Encoding": coding})


def _endless(head: bytes, forever: bytes) -> Answer:
    return Answer(forever, raw=head, endless=True)


def answers() -> dict[str, Answer]:
    """Each kind of bad answer, and the largest good one."""
    chunked, gzipped = OK + b"Transfer-Encoding: chunked\r\n\r\n", OK + b"Content-Encoding: gzip\r\n\r\n"
    bomb = _zeros(1000)
    noise = b"".join(zlib.crc32(b"%d" % n).to_bytes(4, "big") for n in range(1_990_000))
    return {
        "gzip, 1 GB in 1 MB": _coded(bomb, "gzip"),
        "gzip within gzip": _coded(gzip.compress(bomb), "gzip, gzip"),
        "brotli, endless": _endless(OK + b"Content-Encoding: br\r\n\r\n", bytes(65_536)),
        "zstd, endless": _endless(OK + b"Content-Encoding: zstd\r\n\r\n", bytes(65_536)),
        "gzip of empty members": _coded(gzip.compress(b"") * 100_000, "gzip"),
        "gzip of empty blocks": _endless(gzipped + b"\x1f\x8b\x08\0\0\0\0\0\0\0", b"\0\0\0\xff\xff" * 12_000),
        "endless body": _endless(OK + b"\r\n", b"x" * 65_536),
        "endless redirect": _endless(b"HTTP/1.1 302 x\r\nLocation: /good\r\n\r\n", b"x" * 65_536),
        "endless header": _endless(OK + b"A: ", b"x" * 65_536),
        "endless headers": _endless(OK, b"A: 1\r\n" * 10_000),
        "24,000 headers": Answer(raw=OK + b"a:\r\n" * 24_000 + b"Content-Length: 2\r\n\r\nok"),
        "interim answers": _endless(b"", b"HTTP/1.1 100 \r\n\r\n" * 4000),
        "tiny chunks": _endless(chunked, b"1\r\nx\r\n" * 10_000),
        "chunk extensions": _endless(chunked, b"1;" + b"e" * 60_000 + b"\r\nx\r\n"),
        "trailers": _endless(chunked + b"0\r\n", b"A: 1\r\n" * 10_000),
        "8 MB, plain": Answer(noise),
        "8 MB, gzip": Answer(noise, gzip=True),
    }


def serve(line: Connection) -> None:
    """The server's process: tells its addresses, and stops when it is spoken to."""
    with FeedServer() as server:
        server.answer("/good", Answer(FEED, gzip=True))
        line.send((server.url("/good"), {kind: server.answer(f"/{n}", bad) for n, (kind, bad) in enumerate(answers().items())}))
        line.recv()


def most() -> int:
    """The most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def measure(good: str, bad: str) -> tuple[int, float, str]:
    """Memory above that of a good fetch, seconds of processor time, and how it ended."""
    fetcher = Fetcher(user_agent="bench", allow=[ip_network("127.0.0.0/8")], limits=Limits(total_s=30))
    await fetcher.fetch(Request(url=good))
    before, begun = most(), time.process_time()
    try:
        found = await fetcher.fetch(Request(url=bad))
        end = f"{found.status}, {len(found.body or b'') / 1e6:.1f} MB"
    except FetchError as error:
        end = str(error).rpartition(": ")[2]
    took = time.process_time() - begun
    await fetcher.aclose()
    return most() - before, took, end


def one(good: str, bad: str, line: Connection) -> None:
    """A fresh process for one kind."""
    line.send(asyncio.run(measure(good, bad)))


def main() -> None:
    """Measure and print; the exit status says whether the bound held."""
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = multiprocessing.Pipe()
    server = fresh.Process(target=serve, args=(theirs,))
    server.start()
    good, kinds = ours.recv()
    print(f"{'kind':24} {'MB above':>9} {'CPU, s':>8}   ends as")
    worst = 0
    for kind, url in kinds.items():
        here, there = fresh.Pipe()
        client = fresh.Process(target=one, args=(good, url, there))
        client.start()
        memory, seconds, end = here.recv()
        client.join()
        worst = max(worst, memory)
        print(f"{kind:24} {memory / 1e6:9.1f} {seconds:8.2f}   {end}")
    ours.send(None)
    server.join()
    sys.exit(worst > BOUND)


if __name__ == "__main__":
    main()
