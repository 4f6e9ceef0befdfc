"""The command ``enertrack``; each command imports its own room only, so that no process pays for another's libraries."""

import sys
from typing import Annotated

import typer

from enertrack import log, settings

app = typer.Typer(
    help="EnerTrack: mide, guarda y muestra el consumo eléctrico de hogares, comercios y talleres.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def main() -> None:
    """Run the command line; what an operator can mend is told in one line, without a traceback."""
    try:
        app()
    except settings.SettingsError as error:
        sys.exit(_told(str(error), 2))


def _told(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


@app.command()
def ingest(
    *,
    drain: Annotated[bool, typer.Option("--drain", help="Vacía la sesión de un ingreso retirado y termina.")] = False,
) -> None:
    """Recibe las lecturas de los medidores por MQTT y las guarda."""
    log.setup("ingesta")
    from enertrack.ingest import process  # noqa: PLC0415

    process.main(settings.load(), drain=drain)


if __name__ == "__main__":
    main()
