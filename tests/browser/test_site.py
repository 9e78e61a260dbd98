"""The site in a browser: hostile mail runs nothing and fetches nothing, old addresses lead on, dark is dark."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from crawler.store import Store, Volume
from indexer.commands.serve import server_for
from indexer.site.build import SITE, build_site
from tests.browser.test_search_core import FLAGS
from tests.stored import DAY, START, archive, letter

pytestmark = pytest.mark.browser

EVIL = (
    '<script>alert(1)</script><img src="http://evil.example/x.png" onerror="alert(2)"><svg onload=alert(3)>'
    '</textarea></title></pre><iframe src="http://evil.example/"></iframe> javascript:alert(4) {{ 7 * 7 }}'
)
LETTERS = [
    letter(EVIL, f"{EVIL}\n> {EVIL}\n-- \n{EVIL}", name=EVIL, address="eve@example.org"),
    letter("Soup", "Onions first.", name="Ada"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give the folder and the address of a served site whose mail is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    config = archive(folder, LETTERS)
    with Store.open(folder) as store:
        store.save_volume(Volume("kitchen", "2004-March", START // DAY, ""))
        build_site(config, store, processes=1)
    with server_for(folder / SITE, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder / SITE, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser_page(chromium: str) -> Iterator[Page]:
    """Give a page of a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser.new_page(color_scheme="dark")
        browser.close()


def _is_ours(message: ConsoleMessage) -> bool:
    """Say whether a word on the console is about a page; Chromium asks hosts for a favicon by itself."""
    return not message.location.get("url", "").endswith("/favicon.ico")


def test_nothing_runs_and_nothing_is_fetched_from_elsewhere(site: tuple[Path, str], browser_page: Page) -> None:
    """On every page hostile mail causes no request to another host, no dialog and no word on the console."""
    root, base = site
    seen: list[str] = []
    browser_page.on("request", lambda request: seen.append(request.url))
    browser_page.on("console", lambda message: seen.append(f"console: {message.text}") if _is_ours(message) else None)
    browser_page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.html"))

    for path in paths:
        browser_page.goto(base + path)

    assert len(paths) > 8
    assert [url for url in seen if not url.startswith(base)] == []


def test_an_old_volume_address_leads_on(site: tuple[Path, str], browser_page: Page) -> None:
    """The address of a volume's text leads to the volume, through the page for what is not there."""
    browser_page.goto(f"{site[1]}kitchen/2004-March.txt.gz")
    browser_page.wait_for_url("**/kitchen/2004-March/date.html")

    assert browser_page.title().startswith("March 2004")


def test_the_style_sheet_follows_the_system(site: tuple[Path, str], browser_page: Page) -> None:
    """With a dark system pages are dark; no page is wider than a phone."""
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(f"{site[1]}kitchen/index.html")

    assert browser_page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 390
