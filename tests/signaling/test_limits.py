"""A join's burst passes, a flood does not, and time makes it good again."""

from signaling.limits import BURST, ERROR_COSTS, Bucket


def test_burst_passes_and_the_next_does_not() -> None:
    bucket = Bucket(clock=lambda: 0.0)
    assert [bucket.take() for _ in range(BURST + 1)] == [True] * BURST + [False]


def test_forty_a_second_pass_for_ever() -> None:
    now = [0.0]
    bucket = Bucket(clock=lambda: now[0])
    for tick in range(4_000):
        now[0] = tick / 40
        assert bucket.take()


def test_errors_cost_more_than_messages() -> None:
    bucket = Bucket(clock=lambda: 0.0)
    assert sum(bucket.take(ERROR_COSTS) for _ in range(100)) == BURST // ERROR_COSTS
