"""Debian's Chromium, driven by Playwright."""

import contextlib
from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Visit:
    """A page with what went wrong on it: messages of the console, and requests to other hosts."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("request", lambda r: self._look(r.url))

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.base:
            self.complaints.append(f"asked another host: {url}")

    async def open(self, path: str) -> None:
        """Go to a page of ours."""
        await self.page.goto(self.base + path, wait_until="load")

    async def sight(self, *, hidden: bool) -> None:
        """Tell the page that it went out of sight, or came back."""
        script = """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
        await self.page.evaluate(script, hidden)

    async def enter(self, name: str, password: str) -> None:
        """Sign in by the form."""
        await self.open("/ingresar")
        await self.page.get_by_label("Usuario").fill(name)
        await self.page.get_by_label("Contraseña").fill(password)
        await self.page.get_by_role("button", name="Ingresar").click()
        await self.page.wait_for_url(self.base + "/")


@contextlib.asynccontextmanager
async def visit(
    base: str, *, width: int = 1280, height: int = 900, scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[Visit]:
    """A fresh browser before the site at ``base``."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            context: BrowserContext = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale="es-AR",
                timezone_id="America/Argentina/Buenos_Aires",
            )
            yield Visit(await context.new_page(), base)
        finally:
            await browser.close()
