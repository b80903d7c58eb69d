"""How fast the public may read: per network and key, and per network with whatever keys."""

import pytest

from moderation.clients.rates import LocalRates
from moderation.queries import read_rate
from moderation.queries.read_rate import count_read


@pytest.fixture(autouse=True)
def _rates(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = LocalRates()
    monkeypatch.setattr(read_rate, "get_rates", lambda: rates)
    monkeypatch.setattr(read_rate, "KEY_CAPACITY", 2)
    monkeypatch.setattr(read_rate, "NETWORK_CAPACITY", 3)


def test_a_network_reads_by_one_key_at_its_pace():
    waits = [count_read("192.0.2.1", key="cm_pk_a") for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert waits[2] > 0
    assert count_read("192.0.2.77", key="cm_pk_a") > 0, "the same network"
    assert count_read("198.51.100.1", key="cm_pk_a") == 0


def test_invented_keys_do_not_help():
    waits = [count_read("192.0.2.1", key=f"cm_pk_{number}") for number in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert min(waits[3:]) > 0


def test_an_unknown_address_is_not_limited():
    assert [count_read("", key="cm_pk_a") for _ in range(5)] == [0] * 5
