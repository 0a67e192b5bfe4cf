"""How long the service takes on a real systemd, from its start to READY and from SIGTERM to its end.

    sudo python tests/bench/service.py [TIMES]

Boots a small Debian as the tests of the service do, installs the program in it, and starts and stops it with the built-in
settings and the network of this machine, by systemd's own clock.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from booted import Machine, wheel, why_not


def main(times: int) -> None:
    """Print the medians and the longest of so many starts and stops, and what the unit leaves open."""
    reason = why_not()
    if reason is not None:
        sys.exit(reason)
    built = wheel()
    with Machine() as machine:
        machine.copy(built, f"/root/{built.name}")
        machine.run("/opt/watcher/bin/pip", "install", "--quiet", "--no-index", f"/root/{built.name}")
        machine.run("/opt/watcher/bin/watcher", "service", "install")
        # Of a unit that nothing names, systemd forgets all when it has stopped.
        machine.run("systemctl", "enable", "--quiet", "watcher")
        starts, stops = [], []
        for _ in range(times):
            machine.run("systemctl", "start", "watcher")
            starts.append(_moment(machine, "ActiveEnter") - _moment(machine, "ExecMainStart"))
            time.sleep(2)
            machine.run("systemctl", "stop", "watcher")
            stops.append(_moment(machine, "InactiveEnter") - _moment(machine, "ActiveExit"))
        for name, taken in (("start to READY", starts), ("SIGTERM to exit", stops)):
            print(f"{name:16}  {statistics.median(taken):.2f} s, at most {max(taken):.2f} s, of {times}")
        for unit in ("watcher.service", "watcher-backup.service"):
            said = machine.run("systemd-analyze", "security", "--no-pager", unit, check=False).out
            print(f"{unit:24}  exposure {said.strip().splitlines()[-1].rpartition(': ')[2]}")


def _moment(machine: Machine, name: str) -> float:
    """When the unit was last in a state, in seconds of the machine's own clock."""
    return int(machine.show("watcher", f"{name}TimestampMonotonic")) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
