"""Batches that fail as a whole because of one in them: nobody answers for another."""

from campaigner.runtime.delivery.sending import (
    TIMED_OUT,
    Arrived,
    Fate,
    Later,
    Parcel,
    Refused,
    Unsent,
    after_company,
)
from hypothesis import given
from hypothesis import strategies as st

CLOSED = Later("connection closed")
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
        list(zip(parcels, together, strict=True)), lambda one: fates[one.key], lambda: False
    )
    told = {one.key: fate for one, fate in found}
    assert told.keys() == fates.keys()
    for key, fate in told.items():
        alone = batch if isinstance(batch, Arrived) and len(own) > 1 else fates[key]
        assert fate == alone or isinstance(fate, Unsent)
    in_a_row = any(own[n : n + 2] == [CLOSED, CLOSED] for n in range(len(own)))
    assert in_a_row or Unsent() not in told.values()


def test_a_batch_that_timed_out_whole_costs_one_row_an_attempt():
    together = [(parcel(number), TIMED_OUT) for number in range(5)]
    found = [fate for _, fate in after_company(together, lambda _: 1 / 0, lambda: False)]
    assert found == [TIMED_OUT, *[Unsent()] * 4]
