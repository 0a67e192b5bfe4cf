"""The settings: what a user may say in `config.toml`, checked as a whole before anything starts.

`default_config` is for somebody who wrote nothing; `load.parse_config` reads what somebody wrote and is pure: the text, the
environment and a way to read a secret are handed in; `show.show_config` tells what is in force. Those two are not imported
here, since they take longer than a quick command may.
"""

from __future__ import annotations

from watcher.catalogue import slug
from watcher.config.settings import TERMINAL, Config, Policy, default_config

__all__ = ["TERMINAL", "Config", "Policy", "default_config", "slug"]
