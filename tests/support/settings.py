"""Variables of the servers that a test has no need of, so that what it asks for is whole."""

from typing import Final

_BROKER: Final = {"ENERTRACK_MQTT_HOST": "127.0.0.1"}
INFLUX_AND_BROKER: Final = _BROKER | {
    "INFLUX_URL": "http://127.0.0.1:8086",
    "INFLUX_TOKEN": "x",
    "INFLUX_ORG": "o",
    "INFLUX_BUCKET": "b",
}
MARIADB_AND_BROKER: Final = _BROKER | {"MYSQL_USER": "u", "MYSQL_PASSWORD": "p", "MYSQL_DB": "d"}
