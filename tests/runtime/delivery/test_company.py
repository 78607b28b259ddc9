"""Batches that fail as a whole because of one in them: nobody answers for another."""

from campaigner.runtime.delivery.channels.sending import (
    TIMED_OUT,
    Arrived,
    Fate,
    Later,
    Parcel,
    Refused,
    Unreached,
    Unsent,
    after_company,
)
from hypothesis import given
from hypothesis import strategies as st

CLOSED = Later("connection closed")
GONE = Unreached("connection refused")
FATES = st.sampled_from([Arrived(), Refused("larger than the brokers take"), CLOSED])


def parcel(number: int) -> Parcel:
    return Parcel(str(number), str(number), b"{}", "")


@given(st.lists(FATES, min_size=1, max_size=12), FATES)
def test_each_has_the_fate_that_it_has_alone(own, batch):
    """`own`: what each comes to by itself; `batch`: what all of them come to together."""
    parcels = [parcel(number) for number in range(len(own))]
    fates: dict[str, Fate] = dict(zip((one.key for one in parcels), own, strict=True))
    together = own if len(own) == 1 else [batch] * len(own)
    found = after_company(
        list(zip(parcels, together, strict=True)),
        lambda one: fates[one.key],
        lambda: None,
        lambda: False,
    )
    told = {one.key: fate for one, fate in found}
    assert told.keys() == fates.keys()
    for key, fate in told.items():
        alone = batch if isinstance(batch, Arrived) and len(own) > 1 else fates[key]
        assert fate == alone or isinstance(fate, Unsent)
    in_a_row = any(own[n : n + 2] == [CLOSED, CLOSED] for n in range(len(own)))
    assert in_a_row or Unsent() not in told.values()


@given(st.lists(FATES, min_size=1, max_size=8), st.integers(1, 8))
def test_a_receiver_that_goes_away_costs_no_row_an_attempt(together, goes):
    """It goes away at the attempt of that number, counted from 1 for the batch itself."""
    parcels = [parcel(number) for number in range(len(together))]
    tried = 1

    def alone(_):
        nonlocal tried
        tried += 1
        return CLOSED if tried >= goes else Refused("larger than the brokers take")

    found = after_company(
        list(zip(parcels, [CLOSED for _ in together], strict=True)),
        alone,
        lambda: GONE if tried >= goes else None,
        lambda: False,
    )
    fates = [fate for _, fate in found]
    assert len(fates) == len(together)
    if len(together) > 1 or goes == 1:
        assert CLOSED not in fates


def test_a_batch_that_timed_out_whole_is_sent_one_by_one():
    together = [(parcel(number), TIMED_OUT) for number in range(5)]
    fates = {"0": TIMED_OUT}
    found = after_company(
        together, lambda one: fates.get(one.key, Arrived()), lambda: None, lambda: False
    )
    assert [fate for _, fate in found] == [TIMED_OUT, *[Arrived()] * 4]
