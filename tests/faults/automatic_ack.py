"""``enertrack`` with the acknowledgement that MQTT libraries give by themselves: on receipt, before storage.

It shows what the tests of this folder would say if readings were confirmed too early.
"""

import aiomqtt

from enertrack import cli
from enertrack.stores.broker.client import Link

_init = Link.__init__


def _automatic(self: Link, client: aiomqtt.Client, *, manual_ack: bool) -> None:  # noqa: ARG001 - Link's signature
    _init(self, client, manual_ack=False)


if __name__ == "__main__":
    Link.__init__ = _automatic  # type: ignore[method-assign]
    cli.main()
