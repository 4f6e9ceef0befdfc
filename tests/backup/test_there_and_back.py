"""A copy comes back whole on other servers, and is tried where it was made."""

import json

from enertrack.stores.tables import metadata
from tests.backup.conftest import BOARDS, READINGS, House


def test_a_copy_comes_back_whole_on_other_servers(house: House, new_house: House) -> None:
    rows, hours = house.rows(), house.hours()
    assert sum(n for n, _, _ in hours.values()) == 2 * READINGS
    house.done("backup")
    said = new_house.done("restore")
    assert "igual a su manifiesto" in said
    assert new_house.rows() == rows
    assert new_house.hours() == hours
    clients = {c["username"]: c["password"] for c in json.loads(new_house.accounts.read_text())["clients"]}
    assert clients == {"enertrack-admin": "new", BOARDS[0]: "meter"}
    assert new_house.accounts.stat().st_mode & 0o777 == 0o600
    assert new_house.left() == []


def test_the_installation_that_was_made_is_as_before(house: House) -> None:
    before = house.rows(), house.hours()
    house.done("backup")
    said = house.told("backup")
    assert (said["resultado"], said["lecturas"], said["tablas"]) == ("bien", 2 * READINGS, len(metadata.tables) + 1)
    house.done("rehearse")
    assert house.told("rehearsal")["resultado"] == "bien"
    assert house.told("rehearsal")["instantanea"] == said["instantanea"]
    assert (house.rows(), house.hours()) == before
    assert house.left() == []
    assert not house.database.query("SHOW DATABASES LIKE '%ensayo'")
    names = [b["name"] for b in house.influxd.request("GET", "/api/v2/buckets?limit=100").json()["buckets"]]
    assert not [name for name in names if name.startswith(house.bucket + "_")]
