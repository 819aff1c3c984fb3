from __future__ import annotations

from handover.web.guessing import MOST_REMEMBERED, Allowance


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_network_has_so_many_goes_and_gets_them_back_slowly() -> None:
    seconds = Seconds()
    allowance = Allowance(3, 100, 10.0, seconds)
    assert [allowance.take("192.0.2.0/24") for _ in range(5)] == [True, True, True, False, False]
    assert allowance.take("198.51.100.0/24")
    seconds.now = 9.0
    assert not allowance.take("192.0.2.0/24")
    seconds.now = 10.0
    assert [allowance.take("192.0.2.0/24") for _ in range(2)] == [True, False]


def test_all_networks_together_are_bounded_too() -> None:
    seconds = Seconds()
    allowance = Allowance(2, 5, 10.0, seconds)
    assert [allowance.take(f"network {number}") for number in range(7)] == [True] * 5 + [False] * 2
    seconds.now = 4.0
    assert [allowance.take("another"), allowance.take("a third")] == [True, False]


def test_ten_thousand_networks_do_not_fill_the_memory() -> None:
    allowance = Allowance(2, 10**6, 10.0, Seconds())
    for number in range(MOST_REMEMBERED + 100):
        allowance.take(f"network {number}")
    assert len(allowance._used) == MOST_REMEMBERED
