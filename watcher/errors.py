"""Every error that a user can meet, and the exit status it ends with. Whoever raises one says where and what to do."""

from __future__ import annotations


class WatcherError(Exception):
    """Something went wrong that a person can act on; its text is one line for that person. Ends with status 1."""

    exit_status = 1


class DateError(WatcherError, ValueError):
    """A text that should be an EDTF date is none."""


class UsageError(WatcherError):
    """The command line asks for what cannot be. Ends with status 2."""

    exit_status = 2


class ConfigError(WatcherError):
    """The configuration cannot be used. Holds all problems at once; ends with status 78 (EX_CONFIG of sysexits.h)."""

    exit_status = 78

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FeedError(WatcherError):
    """One feed could not be fetched or parsed; the others go on."""


class FetchError(FeedError):
    """No usable answer came from a feed's server. `status` is the HTTP status where one came.

    `retry_after` is in seconds from the answer, where the server asked for one (RFC 9110, section 10.2.3). `lasting`: it is
    our own rules or the owner's that forbid it, so asking again will not help.
    """

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None, lasting: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.lasting = lasting


class ParseError(FeedError):
    """The bytes that came are no feed."""


class StoreError(WatcherError):
    """The database cannot be used as it is: corrupt, newer than this version, read-only, full or not ours."""


class NotReadable(StoreError):
    """The database may be read by others, and not by whoever asks; the text says nothing yet of what to do."""


class StoreBusy(StoreError):
    """Another process holds the database; nothing was changed. Try again."""


class StoreFull(StoreError):
    """There is no room for what is to be written, or the disk fails; nothing was changed. It may pass: try again later."""


class StoreUnusable(StoreError):
    """The database is damaged, not ours, too new or not to be written: trying again does not help. Ends with status 78."""

    exit_status = 78


class PublishError(WatcherError):
    """Published files could not be written; those that lie there are whole, as they were before."""


class Stale(WatcherError):
    """A plan was made from facts that are no longer the last. Decide again from what is stored now."""


class Locked(WatcherError):
    """Another `watcher run` holds this state. Ends with status 75 (EX_TEMPFAIL of sysexits.h)."""

    exit_status = 75


class DaemonSilent(WatcherError):
    """The daemon gives no answer on its socket. The text goes on after "the daemon"; `sent`: it may have done what was asked.

    `refused`: whoever asks may not.
    """

    def __init__(self, message: str, *, sent: bool = False, refused: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.refused = refused
