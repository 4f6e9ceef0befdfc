"""The PNG icons of the installed page, drawn anew from static/img/icon.svg by ``python -m tests.e2e.icons``.

They are committed: a telephone takes no SVG.
"""

import asyncio
from pathlib import Path

from playwright.async_api import async_playwright

from tests.e2e.browser import CHROMIUM, FLAGS

FOLDER = Path(__file__).parents[2] / "app/enertrack/web/static/img"
ROUND, FULL = 'rx="8"', 'rx="0"'
SHAPES = {
    "icon-192.png": (192, ROUND, 1.0),
    "icon-512.png": (512, ROUND, 1.0),
    "maskable-512.png": (512, FULL, 0.72),
    "apple-180.png": (180, FULL, 0.85),
}
"""Side in pixels, corners, size of the drawing: what a telephone cuts away holds nothing but colour."""


async def main() -> None:
    """Draw them all."""
    drawing = (FOLDER / "icon.svg").read_text(encoding="utf-8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        for name, (size, corner, scale) in SHAPES.items():
            edge = 16 * (1 - scale)
            moved = f'<g transform="translate({edge} {edge}) scale({scale})"><path'
            svg = drawing.replace(ROUND, corner).replace("<path", moved).replace("</svg>", "</g></svg>")
            await page.set_viewport_size({"width": size, "height": size})
            style = f"<style>body {{ margin: 0 }} svg {{ display: block; height: {size}px; width: {size}px }}</style>"
            await page.set_content(style + svg)
            await page.screenshot(path=FOLDER / name, omit_background=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
