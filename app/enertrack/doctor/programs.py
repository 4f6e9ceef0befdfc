"""The answer of a program of the system, in a bounded time."""

import asyncio
from typing import Final

LIMIT_S: Final = 5.0


async def answer(*command: str) -> str:
    """What it writes, whatever its exit code. Raises FileNotFoundError, TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode(errors="replace")
