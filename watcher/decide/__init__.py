"""Whom to believe, what to hold true, and what to tell. Pure: claims and facts in, a `Plan` out; only `plan` is told the time."""
