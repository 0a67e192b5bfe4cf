"""Whom to tell, in which regions and by which clock; and whom to believe. Light enough for the verbs that only ask."""

from __future__ import annotations

from watcher.cli.common import zone
from watcher.cli.regions import country_of
from watcher.config import Config
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience


def audience(config: Config) -> Audience:
    """The audience of these settings; without configured regions the zone's country counts."""
    here = zone(config)
    regions = config.regions
    if regions is None:
        country = country_of(here.key)
        regions = (country,) if country else ()
    return Audience(targets=config.targets, regions=regions, zone=here, policy=config.policy, language=config.language)


def judge(config: Config) -> Judge:
    """Whom these settings believe."""
    return Judge(catalogue=config.outlets, policy=config.policy)
