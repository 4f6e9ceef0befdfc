"""What a command asks the person who calls it."""

import sys

import typer


def from_stdin() -> str:
    """A secret from the first line of standard input."""
    return sys.stdin.readline().rstrip("\r\n")


def asked() -> str:
    """A new password, typed twice."""
    answer: str = typer.prompt("Contraseña", hide_input=True, confirmation_prompt="Otra vez")
    return answer
