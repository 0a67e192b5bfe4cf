"""Users and groups of this machine by name, and how one becomes somebody who may ask."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

ASK_THE_OWNER = "ask as its owner, with sudo"


def user_name(uid: int) -> str:
    """A user's name, or number where they have none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def join_group(path: Path) -> str:
    """How one becomes somebody who may read a file of the service's; what lies on the way to it may be all that can be seen."""
    for place in (path, *path.parents):
        try:
            found = place.stat()
        except OSError:
            continue
        if found.st_mode & stat.S_IRGRP and not found.st_mode & stat.S_IROTH and found.st_gid != 0:
            try:
                group = grp.getgrgid(found.st_gid).gr_name
            except KeyError:
                return ASK_THE_OWNER
            return f"sudo usermod -aG {group} {user_name(os.getuid())}, then log in again"
    return ASK_THE_OWNER
