"""What `watcher doctor` looks at: a module for each matter, each check a verdict in words with what to do."""
