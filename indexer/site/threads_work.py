"""The bulk of a site: thread pages and the files of their messages, rendered in batches by any process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from crawler.message import Attachment, Message
from crawler.parse.notices import tail
from crawler.store import Store
from crawler.warc import WarcReader
from indexer.redaction import Privacy, published
from indexer.site import urls
from indexer.site.attachments import publish_file, safe_name
from indexer.site.html_part import readable, source
from indexer.site.leaks import Known
from indexer.site.pages import SiteFacts
from indexer.site.publish import Published, SiteFolder
from indexer.site.render import Renderer
from indexer.site.thread_pages import FileView, ThreadTask, file_view, thread_page


@dataclass(frozen=True, slots=True)
class Batch:
    """Threads to be rendered, with all that a process of its own needs; `made_from` by page."""

    archive: Path
    site: SiteFacts
    privacy: Privacy
    known: Known
    charsets: dict[str, str | None]
    tasks: tuple[ThreadTask, ...]
    made_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a batch: each page by its path, and which files were written."""

    pages: dict[str, Published]
    written: tuple[str, ...]


def render_batch(batch: Batch, root: Path) -> Made:
    """Render the threads of a batch into the site's folder."""
    folder = SiteFolder(root)
    pages = {}
    with Store.open(batch.archive) as store, WarcReader(batch.archive) as reader:
        for task, made_from in zip(batch.tasks, batch.made_from, strict=True):
            files = Files(folder, store, reader, batch)
            messages = {m.id: published(m, batch.privacy) for m in store.thread(task.list, task.outline.key)}
            page = renderer(batch.site).render(thread_page(task, messages, files.publish))
            pages[task.path] = Published(made_from, folder.write(task.path, page), files.digests)
    return Made(pages, tuple(folder.written))


@lru_cache(maxsize=2)
def renderer(site: SiteFacts) -> Renderer:
    """Give the renderer of a site; a process makes one."""
    return Renderer(site)


class Files:
    """Publishes the files of messages, and remembers which."""

    def __init__(self, folder: SiteFolder, store: Store, reader: WarcReader, batch: Batch) -> None:
        self.folder, self.store, self.reader, self.batch = folder, store, reader, batch
        self.digests: dict[str, str] = {}

    def publish(self, message: Message, part: Attachment, only_html: bool) -> FileView:
        """Publish a file of a message and say where it stands.

        HTML comes with readable markup where the mail has no other text, or where it stood in the text.
        """
        data = self._data(message, part)
        if data is None or part.sha256 is None:
            return file_view(part, None, part.name or "")
        charset = self.batch.charsets.get(message.list)
        file = publish_file(part, data, charset, self.batch.privacy, self.batch.known)
        if file.data is None:
            return file_view(part, None, part.name or safe_name(part))
        path = urls.file(part.sha256, file.name)
        self.digests[path] = self.folder.write(path, file.data)
        show = part.kind == "html" and (only_html or part.status == "inline")
        shown = readable(source(data, charset), self.batch.privacy) if show else ""
        return file_view(part, path, part.name or "", shown)

    def _data(self, message: Message, part: Attachment) -> bytes | None:
        if part.source is not None:
            return part.source.encode("utf-8", "replace")
        path = tail(part.url)
        capture = self.store.capture(urljoin(message.list_url, path)) if path and part.sha256 else None
        return self.reader.payload(capture) if capture and capture.good else None
