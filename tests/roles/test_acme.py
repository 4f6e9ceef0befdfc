"""The authority and DuckDNS's stand-in of the machine tests answer as the real ones do."""

import json
import urllib.request

from tests.support.acme import authority
from tests.support.duckdns import duckdns


def test_authority_answers_and_shows_its_root() -> None:
    with authority("127.0.0.1", "127.0.0.1") as ca:
        assert "newOrder" in json.loads(ca.ask(ca.directory_url))
        assert "BEGIN CERTIFICATE" in ca.issuing_root()


def test_duckdns_takes_addresses_and_texts_from_its_owner_alone() -> None:
    with authority("127.0.0.1", "127.0.0.1") as ca, duckdns("127.0.0.1", ca.names, "t0ken", "casa") as service:

        def ask(query: str) -> str:
            with urllib.request.urlopen(f"{service.url}?{query}", timeout=10) as answer:
                return str(answer.read().decode())

        assert ask("domains=casa&token=t0ken&ip=") == "OK"
        assert service.address == "127.0.0.1"
        assert ask("domains=casa&token=t0ken&txt=abc") == "OK"
        assert ask("domains=casa&token=t0ken&txt=abc&clear=true") == "OK"
        assert service.texts == ["abc"]
        assert ask("domains=casa&token=otro&txt=x") == "KO"
        assert ask("domains=otra&token=t0ken&ip=") == "KO"
        assert service.refused == 2
