"""watcher: waits for a film with you, reads the news, and says when its date or its cast changes."""

__version__ = "0.1.0"
