"""Kill a service of a machine and wait for what systemd makes of it."""

from tests.support.machine import Machine


def kill(machine: Machine, unit: str, *, within_s: int = 60) -> None:
    """Kill a unit's process; returns once systemd has started it anew and it says that it is ready."""
    show, active = f"systemctl show --value --property=NRestarts {unit}", f"systemctl is-active --quiet {unit}"
    back = f"until [ $({show}) -gt $0 ] && {active}; do :; done"
    machine.run(f"n=$({show}) && systemctl kill --signal=KILL {unit} && timeout {within_s} sh -c '{back}' $n")
