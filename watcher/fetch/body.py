"""Reads a body within bounds. httpx would decompress a whole chunk at once, and take half a gzip stream for a whole one."""

from __future__ import annotations

import io
import zlib
from collections.abc import AsyncIterator, Iterator

from watcher.errors import FetchError

#: As much is decompressed at a time; a bomb costs us no more than this and the limit.
_STEP = 65_536
#: A gzip stream may have several members (RFC 1952, section 2.2); a stream of nothing but tiny ones is an attack.
_MEMBERS = 64
_GZIP_MAGIC = b"\x1f\x8b"
#: A body of more pieces than that has been cut so small to keep us busy: each piece costs the same, however small.
_PIECES = 20_000


def wire_limit(limit: int) -> int:
    """The bytes that a body of at most `limit` may take on its way, with the sizes of its pieces (chunks) and all around them."""
    return 2 * limit + 256_000


async def read_body(chunks: AsyncIterator[bytes], *, encoding: str | None, limit: int, cut: bool = False) -> bytes:
    """The whole body, decompressed; `encoding` is the Content-Encoding header. With `cut` only its first `limit` bytes.

    Raises:
        FetchError: larger than `limit` (and not `cut`), cut off, damaged, or compressed in a way we did not ask for.
    """
    coding = (encoding or "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise FetchError("sends a compression that we did not ask for")
    gzip = _Gzip() if coding.endswith("gzip") else None
    body = io.BytesIO()  # gives its bytes away without a copy
    received = pieces = 0
    async for chunk in chunks:
        received += len(chunk)
        pieces += 1
        if pieces > _PIECES:
            raise FetchError("sends its answer in too many small pieces")
        for piece in gzip.feed(chunk) if gzip else (chunk,):
            body.write(piece)
            if body.tell() > limit:
                break
        if max(received, body.tell()) > limit:
            if cut:
                body.truncate(limit)
                return body.getvalue()
            raise _too_large(limit)
    if gzip is not None and received and not gzip.complete:
        raise FetchError("broke off in the middle of the answer")
    return body.getvalue()


class _Gzip:
    """A gzip stream, read a bounded step at a time."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._members = 1

    @property
    def complete(self) -> bool:
        """Whether the stream ended where a stream may end."""
        return self._member.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """What a chunk decompresses to, in pieces of at most one step."""
        while chunk:
            if self._member.eof:
                # What follows a stream and is no other member is padding (gzip(1) ignores it too).
                if not chunk.startswith(_GZIP_MAGIC):
                    return
                self._next_member()
            try:
                piece = self._member.decompress(chunk, _STEP)
            except zlib.error as error:
                raise FetchError("says its answer is gzip, but it is damaged or none") from error
            if piece:
                yield piece
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MEMBERS:
            raise FetchError("sends its answer in too many compressed pieces")
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)


def _too_large(limit: int) -> FetchError:
    return FetchError(f"is larger than {limit // 1_000_000 or 1} MB")
