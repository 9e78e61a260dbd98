"""`hamelin serve`: look at the site on this machine."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.errors import ArchiveTrouble, UsageError

if TYPE_CHECKING:
    from indexer.cli import Session

LOOPBACK = "127.0.0.1"
SITE, HOME, NOT_FOUND = "site", "index.html", "404.html"


@click.command("serve")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any that is free."
)
@click.pass_obj
def command(session: Session, port: int) -> None:
    """Serve the site to this machine only, until Ctrl-C. Its address is printed.

    It is as any web host would show it, with 404.html for addresses that are not there, so that links
    into the old archive can be tried.

    \b
    Example:
      hamelin serve --port 8080
    """
    root = session.archive / SITE
    if not (root / HOME).exists():
        raise ArchiveTrouble(f"{root} holds no site yet.", hint="Run `hamelin site` first.")
    try:
        server = server_for(root, port)
    except OSError as error:
        raise UsageError(f"Port {port} cannot be had: {error.strerror}.", hint="Choose another with --port.") from error
    with server:
        click.echo(f"http://{LOOPBACK}:{server.server_port}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            session.say("Stopped.")


def server_for(root: Path, port: int) -> ThreadingHTTPServer:
    """Make a server of a site's folder on loopback."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(SiteHandler, directory=str(root)))


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves files as a web host does: types by their endings, 404.html for what is not there, no sniffing."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 -- the class that we extend declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".html": "text/html; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".map": "text/plain; charset=utf-8",
        ".xml": "application/atom+xml",
        ".svg": "image/svg+xml",
    }

    def end_headers(self) -> None:
        """Add what every answer has."""
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def list_directory(self, path: Any) -> None:  # the base class may give a file; None says that it has answered
        """Show no folder's content."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the site's own page for what is not there."""
        page = Path(self.directory) / NOT_FOUND
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            super().send_error(code, message, explain)
            return
        data = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""
