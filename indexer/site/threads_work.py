"""The bulk of a site: thread pages and the files of their messages, rendered in batches by any process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crawler.mails import Shelf
from crawler.message import Attachment, Message
from crawler.store import Store
from crawler.warc import WarcReader
from indexer.files.reading import Reading
from indexer.files.texts import Texts
from indexer.learned import endings_of, published_endings
from indexer.readable import as_read, html_body
from indexer.redaction import Privacy, published
from indexer.site import urls
from indexer.site.attachments import publish_file
from indexer.site.inner import NOTHING, inner_html, inner_mail, says_more
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
    archive = batch.archive
    with Store.open(archive) as store, WarcReader(archive) as reader, Texts.open(archive) as texts:
        sources = Sources(Shelf(store, reader.payload), texts)
        for task, made_from in zip(batch.tasks, batch.made_from, strict=True):
            files = Files(folder, sources, batch)
            thread = store.thread(task.list, task.outline.key)
            messages = {m.id: published(as_read(m), batch.privacy) for m in thread}
            endings = {id: published_endings(endings_of(store, id), batch.privacy) for id in messages}
            page = renderer(batch.site).render(thread_page(task, messages, files.publish, endings))
            pages[task.path] = Published(made_from, folder.write(task.path, page), files.digests)
    return Made(pages, tuple(folder.written))


@dataclass(frozen=True, slots=True)
class Sources:
    """What a batch reads besides messages: the bytes of their files, and what came of those."""

    shelf: Shelf
    texts: Texts


@lru_cache(maxsize=2)
def renderer(site: SiteFacts) -> Renderer:
    """Give the renderer of a site; a process makes one."""
    return Renderer(site)


class Files:
    """Publishes the files of messages, and remembers which."""

    def __init__(self, folder: SiteFolder, sources: Sources, batch: Batch) -> None:
        self.folder, self.sources, self.batch = folder, sources, batch
        self.digests: dict[str, str] = {}

    def publish(self, message: Message) -> list[FileView]:
        """Publish the files of a message and say where each stands, and what of it is shown.

        HTML is shown where the mail has no other text, where it stood in the text, and folded where it says more.
        """
        charset = self.batch.charsets.get(message.list)
        readings = self.sources.texts.readings(message, charset)
        body = html_body(message, [reading.text if reading else "" for reading in readings])
        return [
            self._publish(message, part, reading, whole=part.status == "inline" or place == body)
            for place, (part, reading) in enumerate(zip(message.attachments, readings, strict=True))
        ]

    def _publish(self, message: Message, part: Attachment, reading: Reading | None, *, whole: bool) -> FileView:
        """Publish a file; `whole` HTML is shown as the mail's own text."""
        sources, privacy = self.sources, self.batch.privacy
        data = sources.shelf.file(part, message.list_url)
        if data is None or part.sha256 is None:
            return file_view(part, None)
        charset = self.batch.charsets.get(message.list)
        file = publish_file(part, data, charset, privacy, self.batch.known)
        if file.data is None:
            return file_view(part, None, reading)
        path = urls.file(part.sha256, file.name)
        self.digests[path] = self.folder.write(path, file.data)
        inner = NOTHING
        if part.kind == "message":
            inner = inner_mail(reading, privacy)
        elif part.kind == "html" and (whole or (reading and says_more(reading.text, message.body))):
            inner = inner_html(part, data, reading, charset, privacy, folded=not whole)
        return file_view(part, path, reading, inner)
