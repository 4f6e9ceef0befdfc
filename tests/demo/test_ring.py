from hypothesis import given
from hypothesis import strategies as st

from enertrack.demo.ring import BYTES_A_MESSAGE, Ack, Ring
from enertrack.domain.decode import Limits, Refusal, decode
from enertrack.domain.reading import Reading

T = 1_780_000_000


def filled(n: int, *, capacity: int | None = None, next_seq: int = 0) -> Ring:
    ring = Ring(7, next_seq, capacity)
    for i in range(n):
        ring.push(Reading(t=T + 60 * i, dt=60, energia_wh=10_000_000.123 + i, potencia=12_345.6, potencia_max=23_456.7))
    return ring


def seqs(ring: Ring) -> list[int]:
    found = []
    while message := ring.oldest():
        found += list(range(message.de, message.a + 1))
        ring.free(Ack(7, message.de, message.a))
    return found


def test_a_message_carries_the_oldest_readings_as_the_server_reads_them() -> None:
    ring = filled(250, next_seq=40)
    message = ring.oldest()
    assert message is not None
    assert (message.de, message.a, message.count) == (40, 139, 100)
    batches = decode(message.payload, T + 86_400, Limits(max_age_s=0))
    assert not isinstance(batches, Refusal)
    (batch,) = batches
    assert (batch.anillo, batch.de, batch.a, len(batch.readings), batch.rejected) == (7, 40, 139, 100, {})
    first = Reading(t=T, dt=60, seq=40, energia_wh=10_000_000.123, potencia=12_345.6, potencia_max=23_456.7)
    assert batch.readings[0] == first


def test_a_message_never_passes_the_brokers_limit() -> None:
    ring = Ring(2**32 - 1, 2**32 - 1_000)
    for i in range(200):
        ring.push(
            Reading(
                t=T + i,
                dt=86_400,
                energia_wh=9_999_999_999.123,
                potencia=-999_999.123456789,
                potencia_max=-999_999.123456789,
                tension=499.123456789012,
                corriente=999.123456789012,
                fp=-0.12345678901234,
                frecuencia=99.1234567890123,
                calidad=3,
            )
        )
    message = ring.oldest()
    assert message is not None
    assert 0 < message.count < 100
    assert len(message.payload) <= BYTES_A_MESSAGE


def test_a_full_ring_drops_its_oldest() -> None:
    ring = filled(12, capacity=10)
    assert ring.dropped == 2
    assert seqs(ring) == list(range(2, 12))


def test_another_rings_ack_frees_nothing() -> None:
    ring = filled(10)
    assert ring.free(Ack(8, 0, 9)) == 0
    assert len(ring) == 10


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 320), st.integers(0, 320))))
def test_acks_free_exactly_what_they_name(n: int, acks: list[tuple[int, int]]) -> None:
    ring = filled(n)
    left = set(range(n))
    for de, a in acks:
        named = {seq for seq in left if de <= seq <= a}
        assert ring.free(Ack(7, de, a)) == len(named)
        left -= named
        assert len(ring) == len(left)
        message = ring.oldest()
        assert (message.de if message else None) == min(left, default=None)
