"""`campaigner doc`: a site that leads to itself, into a folder that is ours."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from campaigner.cli.main import invoke
from campaigner.cli.pages.site.impact import Field, User, impact
from campaigner.cli.pages.site.layout import Arrow, Box, diagram, layers
from campaigner.cli.pages.site.pages import most_spent, site
from campaigner.cli.pages.site.sections import sections
from campaigner.compiler.wording.campaigns import clauses
from campaigner.compiler.wording.names import names_of
from hypothesis import given
from hypothesis import strategies as st

from ..compiler.wording.test_wording import plan_of
from ..laws import at_most
from ..pages.test_pages import HOSTILE, Outline
from ..projects import ROOT, compile_folder
from ..strategies import projects

BANK = ROOT / "campaigns" / "bank"


class Links(HTMLParser):
    """The targets and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "a":
            self.targets.append(found["href"])
        if "id" in found:
            self.anchors.add(found["id"])


def broken_links(pages: dict[str, str]) -> list[str]:
    read = {name: Links(text) for name, text in pages.items()}
    found = []
    for name, page in read.items():
        for target in page.targets:
            path, _, anchor = target.partition("#")
            parts = [*Path(name).parent.parts, *Path(unquote(path)).parts] if path else [name]
            whole: list[str] = []
            for part in parts:
                whole = whole[:-1] if part == ".." else [*whole, part]
            other = read.get("/".join(whole))
            if other is None or (anchor and unquote(anchor) not in other.anchors):
                found.append(f"{name}: {target}")
    return found


@at_most(15)
@given(projects())
def test_every_link_of_a_site_leads_to_a_place_in_it(files):
    pages = site(plan_of(files), "en")
    assert broken_links(pages) == []
    assert not re.search(r"(?:src|href)=\"https?:|<script", "".join(pages.values()))


@pytest.mark.parametrize("name", ["bank", "complete_journey", "shop"])
def test_the_site_of_a_shipped_project_says_each_clause_in_each_language(name):
    plan = compile_folder(ROOT / "campaigns" / name).plan
    assert plan is not None
    pages = site(plan, "en")
    assert broken_links(pages) == []
    names = names_of(plan)
    for campaign in plan.campaigns:
        told = [
            one
            for _, parts in sections(names, campaign)
            for part in parts
            for one in part.sentences
        ]
        assert sorted(map(str, told)) == sorted(str(one.says) for one in clauses(names, campaign))
        for language in ("en", "zh"):
            assert f"{language}/campaign-{campaign.name}.html" in pages


def test_the_same_project_gives_the_same_bytes():
    plan = compile_folder(BANK).plan
    assert plan is not None
    assert site(plan, "en") == site(plan, "en")


def test_a_field_is_used_by_all_that_rest_on_it():
    plan = compile_folder(BANK).plan
    assert plan is not None
    found = impact(plan)
    assert User("audience", "high_value") in found[Field(None, "aum")]
    assert User("campaign", "red_friday") in found[Field(None, "aum")]
    assert User("lifecycle", "member") in found[Field(None, "level")]
    assert User("campaign", "invest_back") in found[Field("invest", "product_risk")]
    assert User("campaign", "team_of_three") in found[Field("task_done", "team_id")]
    assert User("campaign", "counter_card") in found[Field("counter_visit", "manager_id")]
    assert User("campaign", "login_points") not in found[Field(None, "level")]


def test_the_most_that_is_spent_is_the_least_total_behind_a_campaign():
    plan = compile_folder(BANK).plan
    assert plan is not None
    names = names_of(plan)
    most = {one.name: most_spent(names, one) for one in plan.campaigns}
    assert (most["app_ride"], most["invest_back"], most["asset_lift"]) == (6_000, 1_200_000, 0)


# --- diagrams -----------------------------------------------------------------------------------

GRAPHS = st.integers(1, 9).flatmap(
    lambda count: st.tuples(
        st.just(count), st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)))
    )
)


@given(GRAPHS, HOSTILE)
def test_boxes_of_a_diagram_never_overlap_and_lie_inside(graph, text):
    count, pairs = graph
    boxes = [Box(str(one), text, text, "gives") for one in range(count)]
    arrows = [Arrow(str(min(pair)), str(max(pair))) for pair in pairs if pair[0] != pair[1]]
    drawn = diagram("a", "b", boxes, arrows)
    found = layers(boxes, arrows)
    assert all(found[one.start] < found[one.end] for one in arrows)
    svg = ElementTree.fromstring("".join(one for one in drawn if one.isprintable()))
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    places = [
        tuple(float(rect.get(one, "0")) for one in ("x", "y", "width", "height"))
        for rect in svg.iter("rect")
    ]
    assert len(places) == count
    for number, (x, y, wide, high) in enumerate(places):
        assert (x >= 0, y >= 0, x + wide <= width, y + high <= height) == (True,) * 4
        for other_x, other_y, other_wide, other_high in places[:number]:
            apart = x >= other_x + other_wide or other_x >= x + wide
            assert apart or y >= other_y + other_high or other_y >= y + high


@pytest.fixture(scope="module")
def bank():
    plan = compile_folder(BANK).plan
    assert plan is not None
    return plan


@at_most(12)
@given(text=HOSTILE)
def test_a_label_never_becomes_an_element_of_the_site(bank, text):
    plan = bank
    campaign = next(one for one in plan.campaigns if one.name == "asset_lift")
    plain, hostile = (
        site(replace(plan, campaigns=(replace(campaign, label=label),)), "en")
        for label in ("Lift", text or "Lift")
    )
    for name in ("en/index.html", "en/calendar.html", "en/campaign-asset_lift.html"):
        assert Outline(hostile[name]).found == Outline(plain[name]).found


def test_a_campaign_has_its_scenarios_and_what_none_of_them_reaches(tmp_path):
    shop, folder = tmp_path / "shop", tmp_path / "site"
    assert invoke(["init", str(shop)]) == 0
    for path in shop.glob("*.campaign"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"^scenario .*?^}\n", "", text, flags=re.M | re.S), "utf-8")
    (shop / "tried.campaign").write_text(TRIED, "utf-8")
    assert doc(shop, "--out", folder) == 0
    page = (folder / "en" / "campaign-cash_back.html").read_text("utf-8")
    assert re.search(r"gets &lt;cash&gt; back <span class=\"quiet\">\(passes\)", page)
    assert re.search(r"is wrong <span class=\"quiet\">\(fails\)", page)
    assert "No scenario reaches:" in page
    other = (folder / "en" / "campaign-win_back.html").read_text("utf-8")
    assert "no scenario" in other


TRIED = """scenario "gets <cash> back" for cash_back {
  given now 2026-03-01 10:00
  given customer { consent_marketing: yes, employee: no }
  when  order { amount: 250 CNY, product: "bread" }
  then  reward 12.50 CNY as cash
  then  message push
}

scenario "is wrong" for cash_back {
  given now 2026-03-01 10:00
  given customer { consent_marketing: yes, employee: no }
  when  order { amount: 250 CNY, product: "bread" }
  then  nothing
}
"""


# --- folders ------------------------------------------------------------------------------------


def doc(*arguments: object) -> int:
    return invoke(["doc", *map(str, arguments)])


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_second_call_replaces_the_first_and_takes_away_what_is_gone(tmp_path):
    shop, folder = tmp_path / "shop", tmp_path / "site"
    assert invoke(["init", str(shop)]) == 0
    folder.mkdir()
    assert doc(shop, "--out", folder) == 0
    assert "en/campaign-win_back.html" in files_in(folder)
    (folder / "notes.txt").write_text("mine", "utf-8")
    (shop / "win_back.campaign").unlink()
    (shop / "scenarios.campaign").unlink(missing_ok=True)
    assert doc(shop, "--out", folder) == 0
    found = files_in(folder)
    assert "notes.txt" in found
    assert "en/campaign-win_back.html" not in found
    assert "zh/campaign-cash_back.html" in found


def test_a_folder_with_other_content_is_left_alone(tmp_path, capsys):
    shop = tmp_path / "shop"
    assert invoke(["init", str(shop)]) == 0
    for name, text in (("notes.txt", "mine"), (".campaigner-doc.json", "[1]")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text(text, "utf-8")
        assert doc(shop, "--out", folder) == 2
        assert "E962" in capsys.readouterr().err
        assert files_in(folder) == {name}
    assert doc(shop, "--out", shop) == 2
    (tmp_path / "file").write_text("", "utf-8")
    assert doc(shop, "--out", tmp_path / "file") == 2
    assert doc(shop, "--out", tmp_path / "no" / "such" / "folder") == 2


def test_a_list_of_files_never_leads_out_of_the_folder(tmp_path):
    shop, folder = tmp_path / "shop", tmp_path / "site"
    assert invoke(["init", str(shop)]) == 0
    assert doc(shop, "--out", folder) == 0
    kept = tmp_path / "kept.html"
    kept.write_text("mine", "utf-8")
    listed = {"files": ["../kept.html", str(kept), 5]}
    (folder / ".campaigner-doc.json").write_text(json.dumps(listed), "utf-8")
    assert doc(shop, "--out", folder) == 0
    assert kept.exists()


def test_a_project_with_mistakes_gives_no_site(tmp_path, capsys):
    shop, folder = tmp_path / "shop", tmp_path / "site"
    assert invoke(["init", str(shop)]) == 0
    (shop / "more.campaign").write_text("campaign x {", "utf-8")
    assert doc(shop, "--out", folder) == 1
    assert "more.campaign" in capsys.readouterr().err
    assert not folder.exists()
