"""Each mistake in a campaign is one message, at its place, with a way out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ..projects import ROOT, codes, compile_folder, write

BANK = ROOT / "campaigns" / "bank"
CAMPAIGN = """campaign x "x" {{
  audience {audience}
  trigger  {trigger}
  reward   {reward}
  budget {{ {budget} }}
  message push "{message}"
  compliance {{ follows cn_retail }}
}}
"""
USUAL = {
    "audience": "consent_marketing",
    "trigger": "on invest",
    "reward": "coffee",
    "budget": "total 100 CNY",
    "message": "hi",
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bank's declarations without its data and campaigns of its own."""
    folder = tmp_path_factory.mktemp("bank")
    for name in ("campaigner.toml", "catalog.yaml"):
        shutil.copy(BANK / name, folder)
    for name in ("lifecycle", "benefits", "policies"):
        shutil.copy(BANK / f"{name}.campaign", folder)
    write(
        folder,
        {
            "thanked.campaign": "audience thanked received(coffee)",
            "voucher.campaign": "benefit voucher { kind coupon value computed up to 5 CNY }",
        },
    )
    return folder


OFFER = "choose 1 of coffee, video_month"

# clause, what is written there, the code, and the words that are underlined
MISTAKES = [
    ("audience", "aum >= 500", "E303", "aum >= 500"),
    ("audience", "aum >= 5 USD", "E302", "aum >= 5 USD"),
    ("audience", "agee > 3", "E201", "agee"),
    ("audience", "login > 3", "E201", "login"),
    ("audience", "city = mass", "E201", "mass"),
    ("audience", "risk_level != 3", "E306", "risk_level"),
    ("audience", "not risk_level >= 3", "E306", "risk_level"),
    ("audience", "risk_level not in (1, 2)", "E306", "risk_level"),
    ("audience", 'no claim where device_id != "x"', "E306", "device_id"),
    ("audience", "not (risk_level >= 3 or aum > 3 CNY)", "E306", "risk_level"),
    ("audience", "not (risk_level >= 3 and risk_level <= 4)", "E306", "risk_level"),
    ("audience", "not stage is retail.growing", "E306", "stage is retail.growing"),
    ("audience", "not stage not in (retail.growing)", "E306", "stage not in (retail.growing)"),
    ("audience", "segment in (affluent, privat)", "E211", "privat"),
    ("audience", 'segment = "masses"', "E211", '"masses"'),
    ("audience", "sum(invest) > 3", "E308", "sum(invest)"),
    ("audience", "count(invest.amount) > 3", "E309", "invest.amount"),
    ("audience", "sum(invest.product) > 3", "E307", "sum(invest.product)"),
    ("audience", "count(login where count(login) > 1) > 1", "E316", "count(login)"),
    ("audience", "count(login where high_value) > 1", "E212", "high_value"),
    ("audience", "stage is retail.growin", "E203", "growin"),
    ("audience", "stage is retial.growing", "E203", "retial"),
    ("audience", "event.foo = 3", "E202", "foo"),
    ("audience", "customer.foo = 3", "E202", "foo"),
    ("audience", "foo.bar > 1", "E210", "foo"),
    ("audience", "registered_at", "E304", "registered_at"),
    ("audience", "aum", "E304", "aum"),
    ("audience", "received(nope)", "E203", "nope"),
    ("audience", "balance(ponts) > 3", "E355", "ponts"),
    (
        "reward",
        "by { when balance(points) > 3: coffee  otherwise: 1 points }",
        "E315",
        "balance(points)",
    ),
    ("audience", "balance(growth) = 3 CNY", "E355", "growth"),
    ("audience", "count(login where balance(points) > 1) > 1", "E316", "balance(points)"),
    ("audience", "sum(received(coffee)) > 3", "E310", "sum(received(coffee))"),
    ("audience", "aum / 0 > 3 CNY", "E313", "aum / 0"),
    ("audience", "aum > 1.234 CNY", "E311", "1.234 CNY"),
    ("audience", 'level contains "3"', "E301", 'level contains "3"'),
    ("audience", "count(invest since level) > 1", "E305", "level"),
    ("audience", "level > " + " + ".join("1" for _ in range(300)), "E323", None),
    ("trigger", "on invst", "E203", "invst"),
    ("trigger", "on invest where amount > 3", "E303", "amount > 3"),
    ("trigger", "on day 32 of every month at 10:00", "E319", "32"),
    ("trigger", "on festival mid_autum at 10:00", "E203", "mid_autum"),
    ("trigger", "on invest open every month from day 20 to day 10", "E320", None),
    ("trigger", "on invest reaching 3 friends per product", "E230", "friends"),
    ("trigger", "on invest reaching 3 customers per prodct", "E202", "prodct"),
    ("trigger", "on invest reaching 3 customers per amount", "E340", "amount"),
    ("trigger", "on invest reaching 0 customers per product", "E318", "0"),
    ("trigger", "on invest where level > 3 reaching 3 times per product", "E420", "level > 3"),
    ("reward", "coffee to each", "E421", "to each"),
    ("reward", "coffee for 5 points to event.product", "E510", "for 5 points"),
    ("reward", "coffee for 0 points", "E318", "0"),
    ("reward", "coffee for 1% of aum points", "E317", "1% of aum"),
    ("reward", "coffee for 5 cash", "E560", "cash"),
    ("reward", "275 cash", "E560", "cash"),
    ("reward", "5% of aum cash", "E560", "cash"),
    ("reward", "aum / 3 points", "E317", "aum / 3"),
    ("reward", "aum / 10 CNY points", "E317", "aum / 10 CNY"),
    ("reward", "0.5 points rounded down", "E318", "0.5"),
    ("reward", "1% of aum points rounded down", "E317", "1% of aum"),
    ("reward", "level as cash rounded up", "E305", "level"),
    ("reward", "5 points per 0 CNY of aum", "E561", "0 CNY"),
    ("reward", "5 points per 100 of aum", "E303", "5 points per 100 of aum"),
    ("reward", "5 points per 100 USD of aum", "E302", "5 points per 100 USD of aum"),
    ("reward", "0 points per 100 CNY of aum", "E318", "0"),
    ("reward", "aum as coffee", "E564", "coffee"),
    ("reward", "voucher", "E562", "voucher"),
    ("reward", "choose 1 of coffee, voucher", "E562", "voucher"),
    ("reward", "level as voucher", "E305", "level"),
    ("reward", "1% of aum as voucher up to 5 USD", "E501", "5 USD"),
    (
        "budget",
        "total 99 CNY when exhausted reward 1% of aum as voucher",
        "E508",
        "1% of aum as voucher",
    ),
    ("reward", "cofee", "E203", "cofee"),
    ("reward", "1% of aum as cash up to 5 USD", "E501", "5 USD"),
    ("reward", "1% of aum points", "E317", "1% of aum"),
    ("reward", "level as cash", "E305", "level"),
    ("reward", "aum as gold", "E217", "gold"),
    ("reward", "0 points", "E318", "0"),
    ("reward", "coffee and coffee", "E213", "coffee"),
    ("reward", "coffee limit 0 per customer", "E318", "0"),
    ("reward", "coffee limit 1 per event.device", "E202", "device"),
    ("reward", "coffee first 10 first 20", "E216", "first 20"),
    ("reward", "by { when received(coffee): coffee }", "E315", "received(coffee)"),
    ("reward", "by { when thanked: coffee }", "E315", "thanked"),
    ("budget", "total 100 CNY share 50% for thanked", "E315", "share 50% for thanked"),
    ("reward", "by { otherwise: coffee when level > 3: coffee }", "E401", None),
    ("reward", "draw { 1%: coffee rest: 3 points 2%: ride }", "E403", "2%: ride"),
    ("reward", "draw { 0%: coffee 2%: video_month }", "E404", "0%"),
    ("reward", "draw { 100%: coffee rest: 3 points }", "E404", "rest: 3 points"),
    ("reward", "draw { 0.00000001%: coffee }", "E404", "0.00000001%"),
    ("reward", "draw { }", "E405", "draw { }"),
    ("reward", "by { }", "E405", "by { }"),
    ("reward", "choose 3 of coffee, video_month", "E406", "3"),
    ("reward", "choose 0 of coffee, video_month", "E318", "0"),
    ("reward", "choose 1 of coffee, vidoe_month", "E203", "vidoe_month"),
    ("reward", "choose 1 of coffee, coffee", "E213", "coffee"),
    ("reward", "choose 1 of coffee, video_month worth up to 29 CNY", "E511", "coffee"),
    (
        "reward",
        "choose 2 of coffee, video_month, pension_80 worth up to 60 CNY",
        "E511",
        "pension_80",
    ),
    ("reward", "choose 1 of coffee, video_month worth up to 60 USD", "E501", "60 USD"),
    ("reward", "choose 1 of coffee, video_month and 50 points", "E101", None),
    ("reward", "coffee\n  reversed on invst by event.product", "E203", "invst"),
    ("reward", "coffee\n  reversed on invest by event.prodct", "E202", "prodct"),
    ("reward", "coffee\n  reversed on invest by customer.city", "E571", "customer.city"),
    ("reward", "coffee\n  reversed on invest by event.amount", "E572", "event.amount"),
    (
        "reward",
        "coffee\n  reversed on invest where level > 3 by event.product",
        "E571",
        "level > 3",
    ),
    (
        "reward",
        "coffee\n  reversed on invest by event.product in proportion event.product_risk to amount",
        "E574",
        "event.product_risk",
    ),
    (
        "reward",
        "coffee\n  reversed on invest by event.product in proportion event.amount to amunt",
        "E202",
        "amunt",
    ),
    ("trigger", "every friday at 10:00\n  reversed on login by event.channel", "E570", None),
    ("reward", "coffee claimed on invest by event.product", "E422", None),
    ("reward", f"{OFFER} claimed on invst by event.product", "E203", "invst"),
    ("reward", f"{OFFER} claimed on invest by event.prodct", "E202", "prodct"),
    ("reward", f"{OFFER} claimed on invest by customer.city", "E423", "customer.city"),
    ("reward", f"{OFFER} claimed on invest by event.amount", "E325", "event.amount"),
    ("reward", f"{OFFER} claimed on invest where level > 3 by event.product", "E423", "level > 3"),
    (
        "reward",
        f"{OFFER} claimed on invest where amount > 3 by event.product",
        "E303",
        "amount > 3",
    ),
    ("reward", f"{OFFER} for 0 points", "E318", "0"),
    (
        "budget",
        "total 100 CNY when exhausted reward choose 1 of coffee",
        "E508",
        "choose 1 of coffee",
    ),
    ("reward", "draw { 60%: coffee 50%: video_month }", "E509", None),
    ("budget", "", "E502", None),
    ("budget", "total 5 CNY", "E503", "total 5 CNY"),
    ("budget", "total 100 USD", "E501", "100 USD"),
    ("budget", "total 100 CNY total 200 CNY", "E216", "total 200 CNY"),
    ("budget", "share 40% for high_value", "E505", None),
    ("budget", "total 100 CNY share 80% for high_value share 30% for reachable", "E504", None),
    ("budget", "total 100 CNY reserve 150%", "E321", "150%"),
    ("budget", "from nope", "E203", "nope"),
    ("budget", "total 2_000_000 CNY", "E605", "x"),
    ("message", "{{ customer.phone }}", "E603", "customer.phone"),
    ("message", "{{ customer.foo }}", "E606", "customer.foo"),
    ("message", "{{ x }}", "E606", "x"),
    ("message", "{% for a in b %}x{% endfor %}", "E608", None),
    ("message", "{{ ", "E607", None),
    ("message", "{{ event.amount | shout }}", "E612", None),
    ("message", "绝对保本", "E601", "保本"),
    ("message", "保  本", "E601", None),
    ("message", "{{ ''.__class__ }}", "E606", None),
]


@pytest.mark.parametrize(("clause", "written", "code", "underlined"), MISTAKES)
def test_a_mistake_is_one_message_at_its_place(
    bank: Path, clause: str, written: str, code: str, underlined: str | None
) -> None:
    text = CAMPAIGN.format(**{**USUAL, clause: written})
    compiled = compile_folder(write(bank, {"x.campaign": text}))
    assert codes(compiled) == [code]
    (found,) = compiled.diagnostics
    assert compiled.plan is None
    assert found.place is not None
    assert found.place.file == "x.campaign"
    if underlined is not None:
        line = text.splitlines()[found.place.line - 1]
        assert line[found.place.column - 1 : found.place.end_column - 1] == underlined
    for language in ("en", "zh"):
        said = found.message(language)
        assert said
        assert not said.endswith((".", "。"))
    assert found.message()[0] == found.message()[0].lower()


FINE = [
    ("audience", "risk_level is known and risk_level != 3"),
    ("audience", "risk_level >= 2 and risk_level != 3"),
    ("audience", "risk_level is unknown or risk_level != 3"),
    ("audience", "not (risk_level is known and risk_level >= 3)"),
    ("audience", "risk_level else 0 != 3"),
    ("audience", "not high_value"),
    ("audience", "count(login) + 1 != 3"),
    ("audience", "aum / 3 != 3 CNY"),
    ("audience", 'no login where channel = "app" in last 14 days and consent_marketing'),
    ("audience", "stage is growing"),
    ("audience", "registered_at > 2026-01-01 and birth_date < today"),
    ("reward", "5 * count(login) points"),
    ("message", "{{ event.amount }} {{ reward.label | upper }}"),
]


@pytest.mark.parametrize(("clause", "written"), FINE)
def test_what_is_right_is_let_through(bank: Path, clause: str, written: str) -> None:
    text = CAMPAIGN.format(**{**USUAL, clause: written})
    compiled = compile_folder(write(bank, {"x.campaign": text}))
    assert [one.message() for one in compiled.diagnostics] == []


def test_every_mistake_of_a_project_is_found_in_one_run(bank: Path, tmp_path: Path) -> None:
    shutil.copytree(bank, tmp_path, dirs_exist_ok=True)
    for number, (clause, written, code, _) in enumerate(MISTAKES):
        if code != "E605":
            text = CAMPAIGN.format(**{**USUAL, clause: written})
            own = text.replace("campaign x", f"campaign x{number}")
            write(tmp_path, {f"x{number}.campaign": own})
    (tmp_path / "x.campaign").unlink(missing_ok=True)
    expected = sorted(code for _, _, code, _ in MISTAKES if code != "E605")
    assert sorted(codes(compile_folder(tmp_path))) == expected


def test_names_that_need_themselves_are_told(bank: Path, tmp_path: Path) -> None:
    shutil.copytree(bank, tmp_path, dirs_exist_ok=True)
    (tmp_path / "x.campaign").unlink(missing_ok=True)
    write(
        tmp_path,
        {
            "circles.campaign": "audience a b and level > 3\naudience b a\n"
            "budget p { total 1 CNY from q }\nbudget q { total 1 CNY from p }\n"
        },
    )
    assert codes(compile_folder(tmp_path)) == ["E208", "E208", "E506", "E506"]


def test_one_name_is_declared_once(bank: Path, tmp_path: Path) -> None:
    shutil.copytree(bank, tmp_path, dirs_exist_ok=True)
    (tmp_path / "x.campaign").unlink(missing_ok=True)
    write(tmp_path, {"more.campaign": "audience coffee level > 3\naudience aum level > 3\n"})
    assert codes(compile_folder(tmp_path)) == ["E204", "E205"]


def test_a_shared_budget_holds_money_caps_alone(bank: Path, tmp_path: Path) -> None:
    shutil.copytree(bank, tmp_path, dirs_exist_ok=True)
    (tmp_path / "x.campaign").unlink(missing_ok=True)
    write(tmp_path, {"p.campaign": "budget p { total 9 CNY reserve 5% when exhausted stop }\n"})
    assert codes(compile_folder(tmp_path)) == ["E507", "E507"]


def test_a_field_with_a_mistake_in_the_catalog_is_told_once(bank: Path, tmp_path: Path) -> None:
    shutil.copytree(bank, tmp_path, dirs_exist_ok=True)
    (tmp_path / "x.campaign").unlink(missing_ok=True)
    catalog = (tmp_path / "catalog.yaml").read_text("utf-8")
    broken = catalog.replace("level:             {type: integer", "level:             {type: int")
    assert broken != catalog
    write(tmp_path, {"catalog.yaml": broken})
    assert codes(compile_folder(tmp_path)) == ["E163"]
