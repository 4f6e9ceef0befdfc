"""The same week arrives whole in the demo: its own broker, SQLite, meters that speak meanwhile."""

from pathlib import Path

from tests.support import household
from tests.support.appliance import Appliance
from tests.support.processes import free_port


async def test_each_day_equals_the_files_own_integral(tmp_path: Path) -> None:
    appliance = Appliance(tmp_path, {}, ENERTRACK_EDAD_MAXIMA_DIAS="0")
    port = str(free_port())
    with appliance.demo("--days", "3", "--mqtt-port", port) as demo, demo.signed_in("demo", "demo") as client:
        node = ("--name", "Hogar", "--zone", household.ZONE, "--user", "demo")
        appliance.run("node", "add", household.NODE, *node)
        await household.arrives_whole(appliance, client, "--broker", f"127.0.0.1:{port}")
