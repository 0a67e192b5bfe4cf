"""What is published of the board, a file each: the page, the calendar, the feed of changes, the status for programs.

Every document is a pure function of the board. `files` writes them.
"""
