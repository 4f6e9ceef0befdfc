"""Where to go after signing in: only to a page of ours."""

from urllib.parse import urlsplit


def own_path(target: str | None) -> str:
    """``target`` where it is a path of this site, else the panel."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    return target if not parts.scheme and not parts.netloc and "\\" not in target else "/"


def own_page(address: str | None, site: str) -> str:
    """The path of a page at ``site`` (https://name), which an address names whole, else the panel."""
    return own_path(address.removeprefix(site)) if address and address.startswith(f"{site}/") else "/"
