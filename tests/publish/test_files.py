"""How published files come into a directory: whole, readable, only where they changed, and without harm to what is not ours."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from boards import STORY, Newsroom, feed_of
from publishes import NAMES, NOON, Press, empty, is_whole, names_in, stands, text_in, torn

from watcher.board.board import Board
from watcher.errors import PublishError
from watcher.model import FeedState
from watcher.publish import files
from watcher.publish.files import DOCUMENTS, publish


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    """Documents that are quickly made, in place of the real ones."""
    made = Press()
    monkeypatch.setattr(files, "DOCUMENTS", made.documents())
    return made


@pytest.mark.usefixtures("press")
def test_an_empty_directory_gets_every_file_for_everybody_to_read(tmp_path: Path) -> None:
    """All files are written, and a web server can read them whatever the umask of who writes them."""
    before = os.umask(0o077)
    try:
        published = publish(tmp_path, empty())
    finally:
        os.umask(before)
    assert (published.written, published.stood) == (NAMES, ())
    assert names_in(tmp_path) == sorted(NAMES)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in NAMES} == {0o644}
    assert torn(tmp_path) == []


@pytest.mark.usefixtures("press")
@pytest.mark.parametrize("hours", [0, 1, 11])
def test_what_has_not_changed_is_not_touched(tmp_path: Path, hours: int) -> None:
    """Later on the same day, with no news, every file is the very same, though page and status say of which moment they are."""
    publish(tmp_path, empty())
    before = stands(tmp_path)
    assert publish(tmp_path, empty(NOON + timedelta(hours=hours))).stood == NAMES
    assert stands(tmp_path) == before


def test_what_changed_is_written_with_the_moment_at_which_it_did(tmp_path: Path, press: Press) -> None:
    """With news, what it changes is written, and page and status say the new moment."""
    publish(tmp_path, empty())
    press.text = "second"
    now = NOON + timedelta(hours=1)
    assert publish(tmp_path, empty(now)).written == NAMES
    assert b"2026-04-01T13:00:00" in (tmp_path / "status.json").read_bytes()
    assert b"2026-04-01T13:00:00" in (tmp_path / "index.html").read_bytes()
    assert {(tmp_path / name).stat().st_mtime for name in NAMES} == {now.timestamp()}
    assert {text_in(tmp_path / name) for name in NAMES} == {"second"}


@pytest.mark.usefixtures("press")
def test_one_file_that_changed_leaves_the_others(tmp_path: Path) -> None:
    """A file that somebody else changed or removed is written again; those beside it that say no moment are not touched."""
    publish(tmp_path, empty())
    before = stands(tmp_path)
    (tmp_path / "changes.atom").unlink()
    assert publish(tmp_path, empty(NOON + timedelta(hours=1))).written == ("changes.atom",)
    after = stands(tmp_path)
    assert {name for name in NAMES if after[name] != before[name]} <= {"changes.atom"}


@pytest.mark.usefixtures("press")
def test_with_a_new_day_page_and_status_are_written(tmp_path: Path) -> None:
    """After the user's own midnight page and status are of the new moment: who reads them sees that the watcher lives."""
    evening = NOON.replace(hour=21, minute=50)
    publish(tmp_path, empty(evening, zone="Europe/Berlin"))
    assert publish(tmp_path, empty(evening + timedelta(minutes=5), zone="Europe/Berlin")).written == ()
    assert publish(tmp_path, empty(evening + timedelta(minutes=15), zone="Europe/Berlin")).written == (
        "index.html",
        "status.json",
    )


def test_a_feed_that_falls_silent_is_published_on_the_same_day(tmp_path: Path) -> None:
    """A feed that has been quiet for long enough is called silent with the next look, though nothing was stored."""
    quiet = NOON - timedelta(days=7) + timedelta(hours=2)
    feed = feed_of("The Ledger")
    state = FeedState(
        url=feed.url, next_poll_at=NOON, last_ok_at=NOON, dated=20, window_s=72_000, newest_at=quiet, changed_at=quiet
    )

    def board(hours: int) -> Board:
        return replace(empty(NOON + timedelta(hours=hours)), feeds=((feed, state),))

    publish(tmp_path, board(0))
    assert publish(tmp_path, board(1)).written == ()
    assert publish(tmp_path, board(3)).written == ("index.html", "status.json")
    assert b'"state": "silent"' in (tmp_path / "status.json").read_bytes()
    assert publish(tmp_path, board(4)).written == ()


@pytest.mark.usefixtures("press")
def test_times_that_a_file_system_rounds_are_no_reason_to_write(tmp_path: Path) -> None:
    """On FAT, which keeps times to two seconds, what was written at an odd second stands as well."""
    at = NOON + timedelta(seconds=1, microseconds=5)
    publish(tmp_path, empty(at))
    for name in NAMES:
        rounded = (tmp_path / name).stat().st_mtime // 2 * 2
        os.utime(tmp_path / name, (rounded, rounded))
    assert publish(tmp_path, empty(at + timedelta(hours=1))).written == ()


@pytest.mark.usefixtures("press")
def test_a_file_system_that_lets_nobody_set_modes_and_times_takes_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share or a stick of somebody else refuses both, also to who may write there; the files are written all the same."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(files.os, "utime", refuse)
    monkeypatch.setattr(files.os, "fchmod", refuse)
    assert publish(tmp_path, empty()).written == NAMES
    assert torn(tmp_path) == []


def test_real_documents_stand_until_something_changes(tmp_path: Path) -> None:
    """Of a store with a story the real files are written once, and again only when there is news."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY[:6])
    out = tmp_path / "out"
    out.mkdir()
    assert publish(out, room.board(NOON)).written == tuple(DOCUMENTS)
    before = stands(out)
    assert publish(out, room.board(NOON + timedelta(hours=1))).written == ()
    assert stands(out) == before
    room.take(*STORY[6:10])
    assert set(publish(out, room.board(NOON + timedelta(hours=2))).written) == set(DOCUMENTS)


@pytest.mark.usefixtures("press")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lies_there", [b"", b"watcher", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"at": 3}'])
@pytest.mark.parametrize("written", [-3600, 0, 86_400 * 3650, 2**40], ids=("before", "now", "in ten years", "never"))
def test_a_file_that_is_damaged_or_foreign_is_replaced(tmp_path: Path, name: str, lies_there: bytes, written: float) -> None:
    """Whatever stands in one of the files, and whenever its clock says that was written, it is replaced, and then all stand."""
    publish(tmp_path, empty())
    (tmp_path / name).write_bytes(lies_there)
    with suppress(OSError):
        os.utime(tmp_path / name, (0, NOON.timestamp() + written))
    now = NOON + timedelta(hours=1)
    if name == "index.html":
        (tmp_path / "status.json").write_bytes(b'{"version": 1, "at": "", "titles": []}')
    assert name in publish(tmp_path, empty(now)).written
    assert torn(tmp_path) == []
    assert publish(tmp_path, empty(now + timedelta(minutes=1))).written == ()


@pytest.mark.usefixtures("press")
def test_files_of_the_future_are_set_right_once(tmp_path: Path) -> None:
    """After a clock that ran ahead was set back, what says a moment is written once more, and then stands."""
    publish(tmp_path, empty(NOON + timedelta(days=400)))
    assert publish(tmp_path, empty()).written == ("index.html", "status.json")
    assert publish(tmp_path, empty(NOON + timedelta(minutes=1))).written == ()


@pytest.mark.usefixtures("press")
def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A link at a file's place, to a file, to nothing or to a pipe, gives way to the file; what it leads to is as it was."""
    out, elsewhere, pipe = tmp_path / "out", tmp_path / "elsewhere", tmp_path / "pipe"
    out.mkdir()
    elsewhere.write_text("mine")
    os.mkfifo(pipe)
    (out / "index.html").symlink_to(elsewhere)
    (out / "status.json").symlink_to(tmp_path / "nothing")
    (out / "releases.ics").symlink_to(pipe)
    os.mkfifo(out / "changes.atom")
    assert publish(out, empty()).written == NAMES
    assert [name for name in NAMES if not stat.S_ISREG((out / name).lstat().st_mode)] == []
    assert elsewhere.read_text() == "mine"
    assert not (tmp_path / "nothing").exists()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.usefixtures("press")
def test_a_directory_at_a_files_place_stays_and_the_others_are_written(tmp_path: Path) -> None:
    """A directory named like a file is left with all that is in it and told in one line; every other file is current."""
    (tmp_path / "index.html").mkdir()
    (tmp_path / "index.html" / "mine").touch()
    with pytest.raises(
        PublishError, match=r"index\.html cannot be written \(is a directory\); a directory lies at its place"
    ) as told:
        publish(tmp_path, empty())
    assert "\n" not in str(told.value)
    assert names_in(tmp_path) == sorted(NAMES)
    assert (tmp_path / "index.html" / "mine").exists()
    assert all(is_whole((tmp_path / name).read_bytes()) for name in NAMES if name != "index.html")


@pytest.mark.usefixtures("press")
def test_what_a_killed_writer_left_goes_and_nothing_else(tmp_path: Path) -> None:
    """A file that was under way when its writer was killed is removed; what is not of that kind stays as it is."""
    left = tmp_path / ".watcher-0123456789abcdef.tmp"
    others = [tmp_path / name for name in (".watcher-notes", "other.tmp", "own.css", ".htaccess")]
    for path in (left, *others):
        path.write_text("something")
    publish(tmp_path, empty())
    assert not left.exists()
    assert {path.read_text() for path in others} == {"something"}


@pytest.mark.usefixtures("press")
def test_a_site_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """In a directory with a page of somebody else's nothing is written, and the way out is said."""
    (tmp_path / "index.html").write_text("<p>My own site</p>")
    with pytest.raises(PublishError, match="move it away, or name another directory"):
        publish(tmp_path, empty())
    assert names_in(tmp_path) == ["index.html"]
    assert (tmp_path / "index.html").read_text() == "<p>My own site</p>"
    (tmp_path / "index.html").write_text("<p>My life as a bird watcher</p>")
    with pytest.raises(PublishError, match="is not of watcher's making"):
        publish(tmp_path, empty())
    (tmp_path / "index.html").write_text("")
    assert publish(tmp_path, empty()).written == NAMES


def test_a_page_of_ours_is_known_by_itself(tmp_path: Path) -> None:
    """Where all but the real page was removed, it is known as watcher's own, and everything is written again."""
    publish(tmp_path, empty())
    for name in NAMES:
        if name != "index.html":
            (tmp_path / name).unlink()
    assert set(publish(tmp_path, empty()).written) == set(NAMES) - {"index.html"}


def test_a_directory_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    """Without its directory, or with a file in its place, nothing is made, and one line says what to do."""
    with pytest.raises(PublishError, match=f"there is no such directory; make it: watcher publish {tmp_path}/out"):
        publish(tmp_path / "out", empty())
    (tmp_path / "file").touch()
    with pytest.raises(PublishError, match="this is no directory; name another one"):
        publish(tmp_path / "file", empty())
    assert names_in(tmp_path) == ["file"]


@pytest.mark.usefixtures("press")
def test_a_directory_that_goes_while_it_is_written_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that is removed in the middle of it ends in one line too, and no other place is written to."""
    out = tmp_path / "out"
    out.mkdir()

    def removed(descriptor: int) -> None:
        del descriptor
        for path in out.iterdir():
            path.unlink()
        with suppress(FileNotFoundError):
            out.rmdir()

    monkeypatch.setattr(files.os, "fsync", removed)
    with pytest.raises(PublishError, match="there is no such directory"):
        publish(out, empty())
    assert names_in(tmp_path) == []


#: Publishes with files of at most 10,000 bytes, as a quota has them; the message of the error is printed.
_LIMITED = """
import resource, sys
from pathlib import Path
from publishes import Press, empty
from watcher.board.board import Board
from watcher.errors import PublishError
from watcher.publish import files
press = Press("second")
files.DOCUMENTS = press.documents()
files.DOCUMENTS["changes.atom"] = lambda board: b"watcher second short\\n" + b"the end\\n"
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    files.publish(Path(sys.argv[1]), empty())
except PublishError as error:
    print(error)
"""


@pytest.mark.usefixtures("press")
def test_without_room_the_old_files_stay_and_what_fits_is_written(tmp_path: Path) -> None:
    """Files for which there is no room stay as they were, whole; one that fits is written; nothing half made is left over."""
    publish(tmp_path, empty())
    before = stands(tmp_path)
    paths = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(files.__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-P", "-c", _LIMITED, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == (
        f"{tmp_path}: index.html, releases.ics, status.json cannot be written (file too large); "
        "make room; the files from before stay as they are\n"
    ), done.stderr
    assert {name for name, where in stands(tmp_path).items() if where != before[name]} == {"changes.atom"}
    assert [text_in(tmp_path / name) for name in NAMES] == ["first", "first", "second", "first"]
    assert torn(tmp_path) == []
    assert names_in(tmp_path) == sorted(NAMES)


@pytest.fixture
def shut(tmp_path: Path) -> Iterator[Path]:
    """A directory on a file system that is mounted read-only."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    path = tmp_path / "shut"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


@pytest.mark.usefixtures("press")
def test_a_directory_that_cannot_be_written_is_told_once(shut: Path) -> None:
    """A read-only directory is told in one line that names it, its files, and where a service is given the right."""
    with pytest.raises(PublishError, match=r"read-only file system\); a service also needs it in ReadWritePaths=") as told:
        publish(shut, empty())
    assert str(told.value).count(str(shut)) == 1


def test_two_at_once_do_each_other_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While two publish different things over and over, neither fails, and a reader never finds a file torn or missing."""
    texts = threading.local()

    def made(name: str) -> object:
        def make(board: Board) -> bytes:
            return Press(texts.text, size=60_000).documents()[name](board)

        return make

    monkeypatch.setattr(files, "DOCUMENTS", {name: made(name) for name in NAMES})
    texts.text = "first"
    publish(tmp_path, empty())
    errors: list[str] = []
    found: list[str] = []
    over = threading.Event()

    def write(text: str) -> None:
        for number in range(40):
            texts.text = f"{text}{number}"
            try:
                publish(tmp_path, empty())
            except PublishError as error:
                errors.append(str(error))

    def read() -> None:
        while not over.is_set():
            found.extend(torn(tmp_path) + [name for name in NAMES if not (tmp_path / name).exists()])

    writers = [threading.Thread(target=write, args=[text]) for text in ("one", "two")]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    reader.join()
    assert errors == []
    assert found == []
    assert names_in(tmp_path) == sorted(NAMES)
    assert [name for name in NAMES if not text_in(tmp_path / name).endswith("39")] == []
