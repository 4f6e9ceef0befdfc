"""What docs/api.md tells to type, typed at a real server."""

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import Any

from enertrack.domain.reading import Reading
from enertrack.web.process import serve
from tests.support.processes import free_port
from tests.web.api.conftest import Program
from tests.web.conftest import NOW, OWN, Site

TEXT = (Path(__file__).parents[3] / "docs/api.md").read_text()
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for command in block.replace("\\\n", "").splitlines()
    if command.startswith("curl")
]


async def typed(command: str, folder: Path, words: dict[str, str]) -> str:
    shell = await asyncio.create_subprocess_shell(
        command.replace("curl -s", "curl -sS --fail-with-body"),
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **words},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await shell.communicate()
    assert shell.returncode == 0, f"{command}\n{told.decode()}"
    return told.decode()


async def test_each_of_them_does_what_it_says(site: Site, program: Program, tmp_path: Path) -> None:
    await site.keep(site.own, [Reading(t=NOW - t, dt=600, energia_wh=900.0 - t / 10) for t in range(0, 7200, 600)])
    made = await program.ask("/tokens", "POST", {"nombre": "x", "alcances": ["leer", "gestionar"]}, status=201)
    port = free_port()
    serving = asyncio.create_task(serve(site.app, site.services.live, f"127.0.0.1:{port}"))
    words = {"API": f"http://127.0.0.1:{port}/api/v1", "TOKEN": made["token"], "MEDIDOR": OWN}
    answers: dict[str, Any] = {}
    for command in COMMANDS:
        told = await typed(command, tmp_path, words)
        if told:
            answers[command] = json.loads(told)
            words |= {"RENOVACION": answers[command]["renovacion"]} if command.endswith("sesion") else {}
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    assert len(COMMANDS) == len(answers) + 1  # one writes a file
    assert (tmp_path / "casa.csv").read_bytes().startswith(b"\xef\xbb\xbfMomento")
    assert answers[COMMANDS[-1]]["nombre"] == "Casa de campo"
