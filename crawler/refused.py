"""What was asked for in vain: refusals that a later try may change, and how many attachments are not there."""

from __future__ import annotations

from itertools import islice

from crawler.keeper import ALL_THERE_IS
from crawler.links import kind_of
from crawler.store import Capture, Store

# An attachment that came in vain is asked for again after this share of the time since the first try: by a list that is
# crawled once a day in each of the next five runs, then after 2, 2, 3, 3, 4, 5, 6 days and so on.
SHARE = 1 / 4
SLACK = 60  # seconds that make no difference
MOST_A_RUN = 20  # of the attachments of a list that came in vain twice or more

TRIED = (
    "INSERT INTO vain (url, since, last) VALUES (:url, :now, :now) ON CONFLICT (url) DO UPDATE SET last = excluded.last"
)
IN_VAIN = (
    "SELECT c.url FROM captures c LEFT JOIN vain v USING (url) WHERE c.list = :list AND c.volume IS NOT NULL"
    " AND instr(c.url, '/attachments/') AND (c.status >= 400 OR c.status = :odd)"
    " AND (v.url IS NULL OR :now + :slack - v.last >= :share * (v.last - v.since)) ORDER BY v.last, c.url"
)


def worth_another_try(store: Store, list_name: str, now: int) -> list[Capture]:
    """Give the addresses of a list that were refused once, and texts and indexes that their volume does without.

    Besides those, attachments that came in vain more often and have waited long enough, not many in one run.
    `now` is in seconds since 1970 UTC.
    """
    sql = (
        "SELECT url, volume, gone IS NULL AND status < 500 FROM captures WHERE list = ? AND volume IS NOT NULL"
        " AND status >= 400 AND (gone IS NULL OR url GLOB '*/thread.html' OR url GLOB '*.txt*')"
    )
    rows = store.db.execute(sql, (list_name,)).fetchall()
    chosen = [url for url, volume, once in rows if once or _is_lacking(store, list_name, volume, url)]
    asked = {"list": list_name, "odd": ALL_THERE_IS, "now": now, "share": SHARE, "slack": SLACK}
    late = store.db.execute(IN_VAIN, asked)
    others = islice((url for (url,) in late if url not in set(chosen)), MOST_A_RUN)
    return [capture for url in [*chosen, *others] if (capture := store.capture(url))]


def tried(store: Store, url: str, now: int, *, came: bool) -> None:
    """Note what came of asking for an attachment: the thing itself, or nothing that is it."""
    if came:
        store.db.execute("DELETE FROM vain WHERE url = ?", (url,))
    else:
        store.db.execute(TRIED, {"url": url, "now": now})


def _is_lacking(store: Store, list_name: str, volume: str, url: str) -> bool:
    """Say whether an address is a text or an index, and nothing else of its kind is held of its volume."""
    if kind_of(url) not in ("text", "index"):
        return False
    held = store.captures(list_name, volume).values()
    return not any(capture.good and kind_of(capture.url) == kind_of(url) for capture in held)


def count_attachments(store: Store, list_name: str) -> tuple[int, int]:
    """Count the attachments of a list that we hold, and those that are not there."""
    sql = (
        "SELECT coalesce(sum(status < 300), 0), coalesce(sum(status IN (404, 410)), 0) FROM captures"
        " WHERE list = ? AND instr(url, '/attachments/') > 0"
    )
    found, missing = store.db.execute(sql, (list_name,)).fetchone()
    return int(found), int(missing)
