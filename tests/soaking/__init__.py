"""A year of the daemon's life in minutes: what happens, written down beforehand; the daemon on a clock of ours; the umpire."""
