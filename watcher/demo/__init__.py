"""The demo: the true history of one film, served by a feed server of our own and followed by the engine as it is.

`story` is what the feeds say and when, `server` lets them say it over HTTP and takes the alerts, `play` moves the clock.
"""
