"""Changes and facts in words, the countdown, and when to poll next. Pure: `today` and `now` are parameters."""
