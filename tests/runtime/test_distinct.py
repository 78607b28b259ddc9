"""Sets that go to the disk when they grow."""

import tracemalloc

import pytest
from campaigner.runtime.warehouse.text_sets import Distinct
from hypothesis import given
from hypothesis import strategies as st


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.text(st.characters(codec="utf-8"), max_size=3))),
    st.integers(0, 5),
)
def test_it_is_a_set_a_group_wherever_it_is_kept(told, most):
    kept, plain = Distinct(most), {"a": set(), "b": set(), "c": set()}
    for group, text in told:
        kept.add(group, text)
        plain[group].add(text)
        assert kept.among(group, [text, "zzzz"]) == {text}
    for group, texts in plain.items():
        assert kept.has(group) == bool(texts)
        assert list(kept.in_order(group)) == sorted(texts)
        assert kept.count(group) == len(texts)
        assert kept.among(group, ["zzzz", *texts]) == texts


@pytest.mark.parametrize("most", [10, 100_000])
def test_many(most):
    kept = Distinct(most)
    kept.add_all("all", (str(n % 3_000) for n in range(6_000)))
    assert kept.count("all") == 3_000
    assert kept.among("all", [str(n) for n in range(2_000, 4_000)]) == {
        str(n) for n in range(2_000, 3_000)
    }


def test_what_lies_in_memory_does_not_grow_with_the_texts():
    assert most_in_memory(60_000) < 1.1 * most_in_memory(30_000)


def most_in_memory(texts):
    tracemalloc.start()
    try:
        Distinct().add_all("all", (f"customer {n}" for n in range(texts)))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
