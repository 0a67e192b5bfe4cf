"""`watcher notify test`: what looks like a real alert goes to each target, and what its service answered is told in words."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner, Result
from receivers import MailReceiver, NtfyReceiver, Webhook, WebhookReceiver

from watcher.cli import watcher
from watcher.cli.notify_words import lines
from watcher.errors import UsageError
from watcher.model import Target
from watcher.send import Receipt

NIGHT = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def run(*words: str) -> Result:
    """Run a verb in this process, with nothing of the user's own settings."""
    clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "HOME": "/nonexistent"}
    return CliRunner().invoke(watcher, list(words), env=clean)


def notify(path: Path, **urls: str) -> str:
    """The path of a configuration with targets of these names."""
    config = path / "config.toml"
    config.write_text("".join(f'[[notify]]\nname = "{name}"\nurl = "{url}"\n' for name, url in urls.items()), encoding="utf-8")
    return str(config)


def said(target: Target, receipt: Receipt, now: datetime = NIGHT) -> list[str]:
    """The lines about one target, without colours."""
    return [click.unstyle(line).strip() for line in lines([(target, receipt)], now=now, zone=LONDON)]


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same width of the screen for all."""
    monkeypatch.setenv("COLUMNS", "100")


async def test_notify_test_sends_to_all_and_says_what_came_of_it(tmp_path: Path) -> None:
    """Every target gets one test and one line that says who took it or why not; one that refuses makes the command fail."""
    async with NtfyReceiver("tide") as ntfy, MailReceiver() as post, WebhookReceiver(Webhook(status=503)) as bad:
        config = notify(tmp_path, phone=ntfy.topic("tide"), mail=post.url(), desk=bad.url(), lamp="nosuch://s3cret")
        done = await asyncio.to_thread(run, "notify", "test", "--config", config)
        assert done.exit_code == 1
        assert done.stdout.splitlines() == [
            "phone:  ntfy took it (200). Look whether it has arrived.",
            "mail:   the mail server took it for delivery (250). It may still be filtered: look in the spam",
            "        folder too.",
            "desk:   not sent: the server answered 503: it has trouble of its own.",
            "lamp:   not sent: Apprise does not know this kind of address, or a part of it is missing or",
            "        misspelt.",
        ]
        (alert,) = ntfy.published("tide")
        assert alert["title"].startswith("Test: The Paper Lighthouse")
        assert [mail["Subject"] for mail in post.mails] == [alert["title"]]


async def test_notify_test_sends_to_one_by_name(tmp_path: Path) -> None:
    """A target that is named gets the only test, and all is well."""
    async with WebhookReceiver() as one, WebhookReceiver() as other:
        config = notify(tmp_path, t1=one.url(), t2=other.url())
        done = await asyncio.to_thread(run, "notify", "test", "t2", "--json", "--config", config)
        assert done.exit_code == 0
        assert json.loads(done.stdout)["sent"] == [
            {
                "target": "t2",
                "outcome": "sent",
                "detail": "",
                "service": "JSON",
                "status": 200,
                "retry_after": None,
                "refuses": False,
                "held_until": None,
            }
        ]
        assert (len(one.posts), len(other.posts)) == (0, 1)


def test_notify_test_names_the_targets_there_are(tmp_path: Path) -> None:
    """A name that no target has is a mistake of usage, and the text lists those that are."""
    problem = run("notify", "test", "tablet", "--config", notify(tmp_path, t1="json://127.0.0.1/")).exception
    assert isinstance(problem, UsageError)
    assert str(problem) == "no target is called 'tablet'; targets: t1"


def test_terminal_keeps_out_of_the_json(tmp_path: Path) -> None:
    """The test for the terminal goes to standard error where standard output is JSON."""
    done = run("notify", "test", "--json", "--config", notify(tmp_path))
    assert json.loads(done.stdout)["sent"][0]["outcome"] == "sent"
    assert "The Paper Lighthouse" in done.stderr
    shown = run("notify", "test", "--config", notify(tmp_path)).stdout
    assert "The Paper Lighthouse" in shown
    assert shown.endswith("terminal:  shown here.\n")


@pytest.mark.parametrize(
    ("receipt", "words"),
    [
        (Receipt(outcome="sent", service="Form", status=202), "the webhook took it (202). Look whether it has arrived."),
        (Receipt(outcome="sent"), "the service took it. Look whether it has arrived."),
        (Receipt(outcome="unknown", detail="the line broke"), "may have arrived: the line broke."),
        (Receipt(outcome="failed"), "not sent: no reason was given."),
        (
            Receipt(outcome="failed", detail="slower", retry_after=90),
            "not sent: slower. It asks to be left alone for 90 seconds.",
        ),
        (
            Receipt(outcome="failed", detail="slower", retry_after=7201),
            "not sent: slower. It asks to be left alone for 3 hours.",
        ),
        (
            Receipt(outcome="failed", detail="s\x1b[31mlower", retry_after=121),
            "not sent: s[31mlower. It asks to be left alone for 3 minutes.",
        ),
    ],
)
def test_each_outcome_has_its_words(receipt: Receipt, words: str) -> None:
    """What came of a test is one plain sentence, with the time for which the service wants to be left alone."""
    assert said(Target(name="p", url="json://x"), receipt) == [f"p:  {words}"]


def test_a_test_says_when_a_real_alert_would_come() -> None:
    """Where quiet hours or a digest would hold an alert that came now, the test says until when, by the user's own clock."""
    quiet = Target(name="phone", url="json://x", quiet_hours=(22 * 60, 8 * 60))
    digest = replace(quiet, quiet_hours=None, digest=23 * 60)
    sent = Receipt(outcome="sent")
    assert said(quiet, sent)[1] == "A real alert would now wait for its quiet hours until 08:00 tomorrow; a test does not."
    assert said(digest, sent)[1] == "A real alert would now wait for its digest until 23:00; a test does not."
    assert len(said(quiet, sent, NIGHT.replace(hour=12))) == 1
