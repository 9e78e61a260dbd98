"""A list server for tests: it serves a pipermail tree on loopback and misbehaves on demand.

`ListServer` is the server, `Fault` a rule by which it misbehaves, `Request` what it remembers of
each request. Tests get one from the fixture `list_server`; people from the command:

    python -m tests.list_server TREE --port 8900 --fault '[.]txt[.]gz$=503*2'

It never listens anywhere but on loopback, and it knows nothing of what is in the files that it serves.
"""

from __future__ import annotations

from tests.list_server.faults import ACTIONS, Fault
from tests.list_server.login import Login
from tests.list_server.server import ListServer, Request

__all__ = ["ACTIONS", "Fault", "ListServer", "Login", "Request"]
