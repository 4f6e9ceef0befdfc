#!/usr/bin/env python3
"""Tells DuckDNS where the public name is (``address``) and what certbot is asked for (``challenge``, ``clear``).

The token is read from a file that root alone reads, or from systemd's credential, and is never printed.
"""

import json
import os
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

SETTINGS = Path("/etc/enertrack/duckdns.json")
CREDENTIALS = "/etc/enertrack/credentials/duckdns"


def main(arguments: list[str]) -> int:
    """Do what the only argument says; 1 with the reason where DuckDNS does not accept it."""
    settings = json.loads(SETTINGS.read_text())
    text = os.environ.get("CERTBOT_VALIDATION", "")
    questions = {"address": {"ip": ""}, "challenge": {"txt": text}, "clear": {"txt": text, "clear": "true"}}
    if len(arguments) != 1 or arguments[0] not in questions:
        print(__doc__, file=sys.stderr)
        return 2
    token = Path(os.environ.get("CREDENTIALS_DIRECTORY", CREDENTIALS), "token").read_text().strip()
    query = {"domains": settings["name"], "token": token, **questions[arguments[0]]}
    try:
        answer = ask(settings["url"], query)
    except (OSError, ValueError) as error:
        return fail(f"no responde ({getattr(error, 'reason', type(error).__name__)})")
    if not answer.startswith("OK"):
        return fail(f"rechaza la clave o el nombre «{settings['name']}»: revise DUCKDNSTOKEN y DOMINIO")
    if arguments[0] == "challenge":
        time.sleep(settings["wait"])  # until DuckDNS's name servers all have it
    return 0


def ask(url: str, query: dict[str, str]) -> str:
    """What DuckDNS answers."""
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}", timeout=30) as answer:  # noqa: S310 - ours
        return str(answer.read(64).decode(errors="replace"))


def fail(reason: str) -> int:
    """Say it, without what was asked."""
    print(f"DuckDNS {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
