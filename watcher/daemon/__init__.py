"""The daemon: `life` is the process from its start to its last signal, `passes` the work of one configuration within it.

`manager` speaks to systemd, `headline` says in one line how things stand, and `logbook` writes down what a pass did.
"""
