"""Who may look at a file, or write in a state directory, where whoever asks may not: in words that say what to do."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from pathlib import Path

#: The numbers of users and groups that belong to people and not to services, by convention (login.defs(5)).
_PEOPLE = range(1000, 60_000)


def who_may_read(path: Path) -> str:
    """What to do about a file that cannot be read, or that lies where nobody may look."""
    at, status = _closed(path)
    if status is None:
        return f"{at} is not there" if is_missing(at) else f"nobody may look at {at}"
    needs = stat.S_IXGRP if stat.S_ISDIR(status.st_mode) else stat.S_IRGRP
    if not status.st_mode & needs or not _is_shared(status):
        return f"ask as {user_name(status.st_uid)}: sudo {_as(status.st_uid)}watcher …"
    group, me = _group(status.st_gid), user_name(os.geteuid())
    if _is_member(me, status.st_gid):
        return f"you are a member of the group {group} once you log in again"
    return f"members of the group {group} may; to be one: sudo usermod -aG {shlex.quote(group)} {me}, then log in again"


def is_missing(path: Path) -> bool:
    """Whether nothing is there, as far as can be seen: what is hidden from us is not missing."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def who_may_write(directory: Path, command: str) -> str:
    """What to do about a state directory that is somebody else's: `command` is what to enter, as them."""
    try:
        owner = directory.stat().st_uid
    except OSError:
        return who_may_read(directory)
    return f"it is {user_name(owner)}'s: sudo {_as(owner)}{command}"


def may_read(user: pwd.struct_passwd, path: Path) -> bool:
    """Whether a user may read a file, as far as owners and modes tell.

    Raises:
        OSError: the file, or a directory on the way to it, cannot be looked at.
    """
    return _may(user, path, stat.S_IROTH)


def may_put_files_into(user: pwd.struct_passwd, directory: Path) -> bool:
    """Whether a user may make and replace files in a directory, as far as owners and modes tell. Raises as `may_read`."""
    return _may(user, directory, stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH)


def _may(user: pwd.struct_passwd, path: Path, rights: int) -> bool:
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    real = path.resolve()
    for at, needs in ((real, rights), *((parent, stat.S_IXOTH) for parent in real.parents)):
        found = at.stat()
        shift = 6 if found.st_uid == user.pw_uid else 3 if found.st_gid in groups else 0
        if user.pw_uid != 0 and found.st_mode >> shift & needs != needs:
            return False
    return True


def sudo_for(path: Path) -> str:
    """What to put before a command that changes a file: nothing for its owner."""
    try:
        return "" if os.geteuid() in (0, path.stat().st_uid) else "sudo "
    except OSError:
        return "sudo "


def may_write(directory: Path) -> bool:
    """Whether we may write in a directory; where there is none, whether one may be tried to be made."""
    try:
        return not directory.exists() or os.access(directory, os.W_OK | os.X_OK, effective_ids=True)
    except OSError:
        return False


def _closed(path: Path) -> tuple[Path, os.stat_result | None]:
    """What stands in the way to a path, from the top: the first directory that may not be entered, else the path itself."""
    absolute = path.absolute()
    for at in (*reversed(absolute.parents), absolute):
        try:
            status = at.stat()
        except OSError:
            return at, None
        if at == absolute or not os.access(at, os.X_OK, effective_ids=True):
            return at, status
    raise AssertionError("the path itself is the last")


def _is_shared(status: os.stat_result) -> bool:
    """Whether its group is one that others may join: not root's, and not the one that each person has for themselves."""
    return status.st_gid != 0 and not (status.st_gid == status.st_uid and status.st_uid in _PEOPLE)


def _is_member(user: str, gid: int) -> bool:
    """Whether somebody was made a member, though this session does not know it yet."""
    try:
        return user in grp.getgrgid(gid).gr_mem and gid not in os.getgroups()
    except KeyError:
        return False


def _as(uid: int) -> str:
    """What sudo needs to hear to be somebody."""
    if not uid:
        return ""
    name = user_name(uid)
    return f"-u {shlex.quote(f'#{uid}' if name.isdecimal() else name)} "


def user_name(uid: int) -> str:
    """A user's name, or number where they have none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
