"""Neo4j Browser in a real Chromium, as a person would use it. `docs/screenshots.py` uses the same hands."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  for (const event of ['dragenter', 'dragover', 'drop'])
    document.querySelector('[data-testid=main]').dispatchEvent(
      new DragEvent(event, {bubbles: true, cancelable: true, dataTransfer: carried}));
}"""
_MILLISECONDS = 60_000


class BrowserPage:
    """The page of Neo4j Browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(_MILLISECONDS)
        # Fonts and error reports of the Browser's makers: no answer from them is waited for.
        page.route(lambda url: "//127.0.0.1:" not in url, lambda route: route.abort())

    def connect(self, address: str, password: str) -> None:
        """Open the address, which names database and user, and log in."""
        self.page.goto(address)
        self.page.fill("[data-testid=password]", password)
        self.page.click("[data-testid=connect]")
        self.page.wait_for_selector("[data-testid=disconnectedBanner]", state="detached")
        # The greeting comes after the connection and would push what we look at down the page.
        self.page.wait_for_selector("[data-testid=frameCommand]:has-text(':play start')")

    def drop(self, file: Path) -> None:
        """Drop a file on the page."""
        self.page.evaluate(_DROP, [file.name, file.read_text(encoding="utf-8")])

    def editor_text(self) -> str:
        """What the editor holds."""
        lines = self.page.locator("[data-testid=activeEditor] .view-line").all_inner_texts()
        return "\n".join(lines).replace("\xa0", " ")

    def run(self, text: str) -> None:
        """Clear the page, type a query into the editor and run it."""
        self._enter(":clear")
        self.page.wait_for_selector("[data-testid=frame]", state="detached")
        self._enter(text)

    def _enter(self, text: str) -> None:
        self.page.click("[data-testid=activeEditor] .monaco-editor")
        self.page.keyboard.press("Control+A")  # what the address put into the editor gives way
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Control+Enter")

    def show_table(self) -> None:
        """Choose the table where the Browser chose the picture."""
        self.page.click("[data-testid=cypherFrameSidebarTable]")

    def table(self) -> list[dict[str, Any]]:
        """The rows of the table that the last query gave, cells read as the JSON that they are shown as."""
        self.page.wait_for_selector("[data-testid=frame] table tbody tr")
        names = self.page.locator("[data-testid=frame] table thead th").all_inner_texts()
        rows = []
        for row in self.page.locator("[data-testid=frame] table tbody tr").all():
            cells = row.locator("td").all_inner_texts()
            # The first column holds the row's number.
            pairs = zip(names[1:], cells[1:], strict=True)
            rows.append({name.strip(): json.loads(cell) for name, cell in pairs})
        return rows

    def node_captions(self) -> list[str]:
        """Captions of the drawn nodes."""
        self.page.wait_for_selector("[data-testid=frame] svg g.node")
        return [
            " ".join(node.locator("text.caption").all_text_contents()).strip()
            for node in self.page.locator("[data-testid=frame] svg g.node").all()
        ]

    def relationship_captions(self) -> set[str]:
        """Captions of the drawn relationships."""
        return set(self.page.locator("[data-testid=frame] svg g.relationship text").all_text_contents())

    def relationship_colours(self) -> set[str | None]:
        """Colours of the drawn relationships."""
        arrows = self.page.locator("[data-testid=frame] svg g.relationship path.b-outline").all()
        return {arrow.get_attribute("fill") for arrow in arrows}

    def relationship_counts(self) -> dict[str, int]:
        """Drawn relationships by type, as the overview beside the picture counts them."""
        chips = "[data-testid^=property-details-overview-relationship-type-]"
        self.page.wait_for_selector(chips)
        texts = self.page.locator(chips).all_inner_texts()
        return {text.rsplit(" (", 1)[0]: int(text.rsplit("(", 1)[1].rstrip(")")) for text in texts}


@contextmanager
def browser_page(width: int = 1280, height: int = 760) -> Iterator[BrowserPage]:
    """A fresh page in Debian's Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(_FLAGS), headless=True)
        try:
            yield BrowserPage(chromium.new_page(viewport={"width": width, "height": height}))
        finally:
            chromium.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserPage]:
    with browser_page() as page:
        yield page
