"""The people of a title in words: which jobs behind the camera are told, and how."""

from __future__ import annotations

#: Jobs behind the camera that are told by name, and what stands before the names.
CREW = (("director", "Directed by"), ("writer", "Written by"), ("producer", "Produced by"), ("composer", "Music by"))
