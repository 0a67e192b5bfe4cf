"""The settings: what a user may say in `config.toml`, checked as a whole before anything starts.

`parse_config` is pure: the text, the environment and a way to read a secret are handed in. `default_config` is for somebody
who wrote nothing; `show_config` tells what is in force.
"""

from __future__ import annotations

from watcher.catalogue import slug
from watcher.config.load import parse_config
from watcher.config.settings import TERMINAL, Config, Policy, default_config
from watcher.config.show import show_config

__all__ = ["TERMINAL", "Config", "Policy", "default_config", "parse_config", "show_config", "slug"]
