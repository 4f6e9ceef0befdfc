"""Debian's Chromium, driven by Playwright."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, async_playwright, expect

CHROMIUM = "/usr/bin/chromium"
FAULT = 500
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=30_000)  # as long as Playwright waits for everything else: the machine may be busy


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
        """Go to a page of ours, which must not be that of a fault, and wait until it is all there."""
        answer = await self.page.goto(self.base + path, wait_until="load")
        assert answer is None or answer.status < FAULT, f"{path}: {answer.status}"
        await self.page.locator("[aria-busy=true]").wait_for(state="detached")

    async def told(self) -> None:
        """Wait for the notice that what was asked has been done; its page takes it out of its address."""
        await self.page.locator(".toast").wait_for(state="attached")

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


@dataclass(frozen=True)
class Elsewhere:
    """A site under a public name that leads to ``address``, whose certificates ``root`` (a PEM file) signs.

    It is looked at from the network namespace ``namespace``.
    """

    name: str
    address: str
    root: Path
    namespace: str

    def flags(self) -> list[str]:
        """What has Chromium find it."""
        return [f"--host-resolver-rules=MAP {self.name} {self.address}"]

    def trusted_in(self, home: Path) -> dict[str, str | float | bool]:
        """The environment of a Chromium that trusts the root as any other, for its home has it."""
        known = home / ".pki/nssdb"
        known.mkdir(parents=True)
        tool = ["certutil", "-d", f"sql:{known}"]
        subprocess.run([*tool, "-N", "--empty-password"], check=True)
        subprocess.run([*tool, "-A", "-n", "prueba", "-t", "C,,", "-i", self.root], check=True)
        return {**os.environ, "HOME": str(home)}

    def chromium(self, home: Path) -> Path:
        """A program that starts Chromium there."""
        program = home / "chromium"
        program.write_text(f'#!/bin/sh\nexec ip netns exec {self.namespace} {CHROMIUM} "$@"\n')
        program.chmod(0o755)
        return program


@contextlib.asynccontextmanager
async def visit(
    base: str,
    *,
    width: int = 1280,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
    where: Elsewhere | None = None,
) -> AsyncIterator[Visit]:
    """A fresh browser before the site at ``base``."""
    async with async_playwright() as playwright:
        with tempfile.TemporaryDirectory() as home:
            env = where.trusted_in(Path(home)) if where else None
            flags = FLAGS + (where.flags() if where else [])
            program = where.chromium(Path(home)) if where else CHROMIUM
            browser = await playwright.chromium.launch(executable_path=program, args=flags, env=env)
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
