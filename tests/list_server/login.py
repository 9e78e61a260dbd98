"""The login of a private archive, as Mailman's private.py asks for it, or by a field of requests (HTTP's Basic)."""

from __future__ import annotations

import base64
import http.server
import urllib.parse
from dataclasses import dataclass

from tests.list_server.faults import LOGIN, Headers

TOKEN = "2802000000697a6f0a4b73"


@dataclass(frozen=True)
class Login:
    """Who may read what is below `path`; `status` comes with the form (None: no form, but Basic)."""

    path: str
    user: str
    password: str
    status: int | None = 200

    def denied(self, path: str, asked: http.server.BaseHTTPRequestHandler) -> tuple[int, Headers, bytes] | None:
        """Give the answer to somebody who is not let in; the answer to a form that is right sets a cookie."""
        if not path.startswith(self.path):
            return None
        if self.status is None:
            token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            known = asked.headers.get("Authorization") == f"Basic {token}"
            return None if known else (401, (("WWW-Authenticate", 'Basic realm="Archives"'),), b"<h1>401</h1>")
        if asked.command == "POST":
            body = asked.rfile.read(int(asked.headers["Content-Length"])).decode()
            fields = dict(urllib.parse.parse_qsl(body))
            if (fields.get("username"), fields.get("password")) == (self.user, self.password):
                return 200, (("Set-Cookie", f"keepers+user+ann={TOKEN}; Path={self.path}"),), b"<html>Welcome.</html>"
        known = f"keepers+user+ann={TOKEN}" in asked.headers.get("Cookie", "")
        return None if known else (self.status, (("Content-Type", "text/html"),), LOGIN)
