"""Wallets in a circle: reported just where a wallet leads back to itself, whatever the prices."""

from campaigner.dsl.diagnostics.diagnostic import has_errors
from hypothesis import given, settings
from hypothesis import strategies as st

from ..laws.cases import compile_files
from ..laws.test_wallets import CATALOG, SETTINGS

WALLETS = ("cut", "gold", "seen", "star")
waits = st.lists(
    st.tuples(st.sampled_from(WALLETS), st.sampled_from(WALLETS), st.booleans()), max_size=5
)


def source(asked: list[tuple[str, str, bool]]) -> str:
    """Campaigns that wait for the first wallet and fill the second, some paid from the first."""
    given_ = [(f"on earn where units = {n}", f"1 {one}") for n, one in enumerate(WALLETS)]
    given_ += [
        (f"when balance({one}) reaching {n + 5}", f"2 {other}{f' for 5 {one}' if paid else ''}")
        for n, (one, other, paid) in enumerate(asked)
    ]
    return "\n".join(
        f"campaign c{n} {{\n  audience yes\n  trigger {trigger}\n  reward {reward}\n"
        '  budget { total 0 CNY }\n  compliance { forbid phrase "sure" }\n}'
        for n, (trigger, reward) in enumerate(given_)
    )


def leads_back(asked: list[tuple[str, str, bool]]) -> bool:
    """Whether some wallet comes to itself: by as many steps as there are wallets."""
    reached = {(one, other) for one, other, _ in asked}
    for _ in WALLETS:
        reached |= {(a, d) for a, b in reached for c, d in reached if b == c}
    return any(one == other for one, other in reached)


@settings(max_examples=40)
@given(waits)
def test_a_circle_is_reported_where_there_is_one(asked):
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": source(asked)}
    compiled = compile_files(files)
    found = [one for one in compiled.diagnostics if one.code.id == "E470"]
    assert bool(found) == leads_back(asked)
    assert has_errors(compiled.diagnostics) == leads_back(asked)
    for one in found:
        # The circle is named: it ends where it begins.
        steps = dict(one.values)["circle"].split(", ")
        assert steps[0].split(" → ")[0] == steps[-1].split(" → ")[-1]
