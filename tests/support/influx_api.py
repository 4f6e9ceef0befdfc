"""InfluxDB's HTTP API as a machine reaches it itself, with Python, which each machine has."""

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.support.machine import Machine

ASK: Final = """
import json, ssl, sys, urllib.error, urllib.request
asked = json.load(sys.stdin)
request = urllib.request.Request(asked["url"], asked["body"].encode() or None, asked["headers"], method=asked["method"])
context = ssl.create_default_context(cafile=asked["authority"]) if asked["authority"] else None
try:
    answer = urllib.request.urlopen(request, context=context)
except urllib.error.HTTPError as error:
    answer = error
print(json.dumps([answer.status, answer.read().decode(errors="replace")]))
"""


@dataclass(frozen=True)
class Api:
    """The API of a machine's InfluxDB; over https where ``authority`` (a file of the machine) vouches for it."""

    machine: Machine
    authority: str = ""

    def ask(self, token: str, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """Status and text of an answer."""
        asked: dict[str, Any] = {
            "url": f"http{'s' if self.authority else ''}://127.0.0.1:8086/api/v2/{path}",
            "headers": {"Authorization": f"Token {token}"} | {name.replace("_", "-"): v for name, v in headers.items()},
            "method": method,
            "body": body,
            "authority": self.authority,
        }
        answer = self.machine.run(f"python3 -c '{ASK}'", text=json.dumps(asked))
        status, text = json.loads(answer)
        return status, text

    def ask_as(self, process: str, method: str, path: str, body: str = "") -> tuple[int, str]:
        """The answer to a process's token."""
        token = self.machine.run(f"cat /etc/influxdb/tokens/{process}").strip()
        return self.ask(token, method, path, body)

    def query(self, token: str, flux: str) -> list[str]:
        """The lines of an answer in CSV."""
        as_csv = {"Accept": "application/csv", "Content_Type": "application/vnd.flux"}
        status, text = self.ask(token, "POST", "query?org=enertrack", flux, **as_csv)
        assert status == 200, text
        return text.split()
