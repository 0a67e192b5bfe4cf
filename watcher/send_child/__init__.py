"""The child that holds Apprise: reads one request for each line of its standard input, and answers each with one line.

Run as ``python -m watcher.send_child`` by `watcher.send`, and by nobody else. A request is JSON: ``url id title body html letter
kind link timeout``. An answer is JSON too: ``outcome detail service status refuses wish``, where ``wish`` holds the headers
Retry-After and Date of the answer as they came; the first line is ``{"outcome": "ready"}``. With the argument ``check`` the whole
input is one URL and the answer says whether Apprise can use it. A detail is made of our own words and of numbers only, so that
no secret of a URL and no text of a server can be in it.

Apprise can neither be stopped nor does it let its process end (its workers are no daemon threads), so it lives where it can be
killed. The child ends when its input does, whatever Apprise is doing then.

`channel` makes of a message what suits a service, `mail` what suits a mail; `wire` sees what the server answered, `answers`
puts that into words.
"""
