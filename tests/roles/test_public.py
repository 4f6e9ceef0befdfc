"""What faces the world on an installed machine: its certificate, who is shut out, the tables in a browser."""

import contextlib
import json
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from enertrack.stores.broker import topics
from tests.roles.conftest import DOMAIN
from tests.support.acme import AcmeAuthority, authority
from tests.support.duckdns import duckdns
from tests.support.machine import Machine
from tests.support.outside import USER, Meter, add_user, visitor
from tests.support.processes import wait_until
from tests.support.watching import watched

pytestmark = pytest.mark.vm

PORTS: Final = (443, 8883)
NOT_AUTHORISED: Final = 5
REVOKED: Final = "02E7AF000002"
IN_A_MINUTE: Final = 20
"""How often a meter asks that waits three seconds."""
TOKEN: Final = "5f0c1c84-7a3e-4b7f-9d57-3a1f0b9d2e66"
NAME: Final = "casa.duckdns.org"

SIGN_IN: Final = """
import re, sys, urllib.parse, urllib.request
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
form = browser.open("http://127.0.0.1:8080/").read().decode()
field = lambda name: re.search(f'name="{name}" value="([^"]*)"', form)[1]
data = {"pma_username": "operador", "pma_password": sys.stdin.read().strip(), "server": "1"}
data |= {name: field(name) for name in ("token", "set_session")}
page = browser.open("http://127.0.0.1:8080/index.php?route=/", urllib.parse.urlencode(data).encode()).read().decode()
print("logged_in:true" in page, "Nodos" in page or "enertrack" in page)
"""


def secured(machine: Machine, port: int, name: str = DOMAIN) -> ssl.SSLSocket:
    """A TLS connection to one of its ports by its public name."""
    trust = ssl.create_default_context(cafile=machine.root)
    return trust.wrap_socket(socket.create_connection((machine.address, port), timeout=20), server_hostname=name)


def served(machine: Machine, name: str = DOMAIN) -> set[bytes | None]:
    """The certificates of its ports."""
    found = set()
    for port in PORTS:
        with secured(machine, port, name) as connection:
            found.add(connection.getpeercert(binary_form=True))
    return found


def session(machine: Machine, name: str, password: str) -> tuple[ssl.SSLSocket, int]:
    """A meter's connection (MQTT 3.1.1) and the broker's answer to it: 0, or why not."""
    connection = secured(machine, 8883)
    texts = [b"MQTT", topics.client_id(name).encode(), name.encode(), password.encode()]
    parts = [len(text).to_bytes(2, "big") + text for text in texts]
    body = parts[0] + bytes([4, 0xC2, 0, 60]) + b"".join(parts[1:])
    connection.sendall(b"\x10" + bytes([len(body)]) + body)
    return connection, connection.recv(4)[3]


def shut_out(machine: Machine, jail: str) -> Callable[[], bool]:
    """Whether the kernel shuts this computer out for a jail, which tells of the ban a little earlier."""
    return lambda: machine.gateway in machine.run(f"nft list set inet f2b-table addr-set-{jail}", check=False)


def certify(machine: Machine, ca: AcmeAuthority, **variables: object) -> None:
    """Have the installation ask another authority."""
    machine.trust(ca)
    machine.variables |= {"tls_acme_url": ca.directory_url, "tls_acme_ca": str(machine.acme_ca)} | variables
    done = machine.playbook("site", "-vvv", "--tags", "tls,web", plain=True, enertrack_verify_later=True)
    assert done.failed == 0, done.output[-8000:]
    assert TOKEN not in done.output


def test_renewal_is_served_on_both_ports_and_cuts_nobody_off(deployed: Machine) -> None:
    add_user(deployed)
    meter = Meter.enrolled(deployed)
    with authority(deployed.address, deployed.gateway, days=20) as ca:
        certify(deployed, ca)
        connection, answer = session(deployed, meter.esp_id, meter.password)
        assert answer == 0
        before = served(deployed)
        assert len(before) == 1
        deployed.run("systemctl start certbot.service")
    after = served(deployed)
    assert len(after) == 1
    assert after != before
    assert answers(connection)
    connection.close()


def test_a_certificate_that_does_not_fit_its_key_is_never_handed_out(deployed: Machine) -> None:
    before = served(deployed)
    live = f"/etc/letsencrypt/live/{DOMAIN}"
    deployed.run(f"openssl ecparam -name prime256v1 -genkey -noout > /tmp/other && cp /tmp/other {live}/privkey.pem")
    said = deployed.run("/usr/local/lib/enertrack/certificate; echo $?", check=False)
    assert "no se corresponden" in said
    assert said.startswith("1\n")
    assert served(deployed) == before


def test_certificate_and_address_by_duckdns(deployed: Machine) -> None:
    with (
        authority(deployed.address, deployed.gateway) as ca,
        duckdns(deployed.gateway, ca.names, TOKEN, "casa") as service,
    ):
        given: dict[str, Any] = {
            "DOMINIO": NAME,
            "DUCKDNSTOKEN": TOKEN,
            "tls_duckdns_url": service.url,
            "tls_duckdns_wait_s": 0,
        }
        unmoved = deployed.playbook("site", **given, enertrack_secrets=str(deployed.folder / "none"))
        assert unmoved.failed
        assert f"mv secrets/{DOMAIN} secrets/{NAME}" in " ".join(unmoved.output.split())
        with watched(deployed) as shown:
            certify(deployed, ca, **given)
            assert len(service.texts) == 1
            assert len(served(deployed, NAME)) == 1
            deployed.run("systemctl start enertrack-duckdns.service")
        assert service.address == deployed.address
        assert [one for one in shown if TOKEN in one.text] == []
        service.token = "otro"
        deployed.run("systemctl start enertrack-duckdns.service", check=False)
        journal = deployed.run("journalctl --no-pager --unit=enertrack-duckdns")
        assert "rechaza la clave o el nombre «casa»" in journal
        assert TOKEN not in deployed.run("journalctl --no-pager")


def test_who_guesses_at_the_login_is_shut_out_of_the_pages_alone(deployed: Machine) -> None:
    with visitor(deployed) as client:
        token = re.search(r'name="csrf"\s+value="([^"]+)"', client.get("/ingresar").text)
        data = {"usuario": "ana", "clave": "x", "csrf": token[1] if token else ""}
        answers = [client.post("/ingresar", data=data).status_code for _ in range(8)]
    assert answers[0] == 401
    assert answers[-1] == 429
    wait_until(shut_out(deployed, "enertrack-login"), "the ban")
    with visitor(deployed) as client, pytest.raises(httpx.ConnectError):
        client.get("/ingresar")
    secured(deployed, 8883).close()


def refused(machine: Machine, name: str, password: str, times: int) -> None:
    """A meter that is not let in, and asks again at once."""
    for _ in range(times):
        connection, answer = session(machine, name, password)
        connection.close()
        assert answer == NOT_AUTHORISED


def counted(machine: Machine, jail: str) -> int:
    """How many refusals a jail has seen."""
    told = re.search(r"Total failed:\s+(\d+)", machine.run(f"fail2ban-client status {jail}"))
    return int(told[1]) if told else 0


def answers(connection: ssl.SSLSocket) -> bool:
    """Whether the broker answers a meter that is connected (PINGREQ)."""
    connection.sendall(b"\xc0\x00")
    return connection.recv(2) == b"\xd0\x00"


def test_a_revoked_meter_cuts_nobody_off_and_who_guesses_is_shut_out_of_the_broker_alone(deployed: Machine) -> None:
    add_user(deployed)
    meter = Meter.enrolled(deployed)
    connection, answer = session(deployed, meter.esp_id, meter.password)
    assert answer == 0
    added = deployed.run(f"enertrack node add {REVOKED} --name Taller --zone Europe/Madrid --user {USER} --json")
    deployed.run(f"enertrack node revoke {REVOKED}")
    refused(deployed, REVOKED, json.loads(added)["clave"], IN_A_MINUTE)
    wait_until(lambda: counted(deployed, "enertrack-mosquitto") >= IN_A_MINUTE, "fail2ban")
    assert not shut_out(deployed, "enertrack-mosquitto")()
    assert answers(connection)

    with contextlib.suppress(ConnectionRefusedError):
        refused(deployed, meter.esp_id, "adivinada", 5 * IN_A_MINUTE)
    wait_until(shut_out(deployed, "enertrack-mosquitto"), "the ban")
    with pytest.raises(ConnectionRefusedError):
        secured(deployed, 8883)
    assert answers(connection)
    secured(deployed, 443).close()
    deployed.run("fail2ban-client reload --unban enertrack-mosquitto")  # as restore.yml does
    secured(deployed, 8883).close()
    connection.close()


def test_who_looks_for_holes_is_shut_out(deployed: Machine) -> None:
    with visitor(deployed) as client:
        for number in range(10):
            assert client.get(f"/wp-login{number}.php").status_code != 200
    wait_until(shut_out(deployed, "enertrack-holes"), "the ban")


def test_the_tables_are_seen_on_the_loopback_by_their_account(deployed: Machine) -> None:
    password = (deployed.secrets / "phpmyadmin").read_text()
    deployed.run("cat > /root/sign_in.py", text=SIGN_IN)
    assert deployed.run("python3 /root/sign_in.py", text=password) == "True True\n"
