"""The memory: SQLite through sqlite-utils. `schema` makes it, `rows` translates, `ask` reads, `store` writes, `outbox` sends."""
