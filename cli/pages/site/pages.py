"""All pages of the site, by the path below its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from ....compiler.plan import Campaign, Plan
from ....compiler.plan.all_expressions import of_campaign
from ....compiler.wording.campaigns import clauses
from ....compiler.wording.clauses import Clause
from ....compiler.wording.conditions import said
from ....compiler.wording.names import Names, names_of
from ....compiler.wording.public import Part
from ....compiler.wording.rewards import costs_something
from ....compiler.wording.values import Words, first_instant, last_instant, money
from ....dsl.diagnostics.diagnostic import Language, Phrase
from ....dsl.words.catalogue import languages
from ..page import page
from .diagrams import of_stages, of_steps
from .impact import Field, User, fields_of, impact
from .months import calendar
from .sections import sections
from .tested import Tested

if TYPE_CHECKING:
    from markupsafe import Markup


_LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "zh": "中文"})
"""How the readers of a language call it."""

_SAY: Mapping[str, Phrase] = MappingProxyType(
    {
        "audiences": Phrase("site.audiences"),
        "calendar": Phrase("site.calendar"),
        "campaign": Phrase("site.campaign"),
        "campaigns": Phrase("site.campaigns"),
        "coverage": Phrase("site.coverage"),
        "dashed": Phrase("site.dashed"),
        "field": Phrase("site.field"),
        "fields": Phrase("site.fields"),
        "fires": Phrase("site.fires"),
        "first_fits": Phrase("site.first_fits"),
        "impact": Phrase("site.impact"),
        "languages": Phrase("site.languages"),
        "lifecycles": Phrase("site.lifecycles"),
        "missed": Phrase("site.missed"),
        "most": Phrase("site.most"),
        "no_scenario": Phrase("site.no_scenario"),
        "nobody": Phrase("site.nobody"),
        "owner": Phrase("site.owner"),
        "policies": Phrase("site.policies"),
        "reads": Phrase("site.reads"),
        "reward": Phrase("site.reward"),
        "runs": Phrase("site.runs"),
        "scenarios": Phrase("site.scenarios"),
        "site": Phrase("site.site"),
        "steps": Phrase("site.steps"),
        "used_by": Phrase("site.used_by"),
        "window": Phrase("site.window"),
    }
)
"""The fixed words of the templates."""


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a page of the site."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in the list of all."""

    link: Link
    name: str
    owner: str
    window: Phrase
    fires: Phrase
    reward: Phrase | None
    most: Words
    tested: Tested


@dataclass(frozen=True, slots=True)
class _Site:
    """The site in a language. `files` has the page of each campaign."""

    plan: Plan
    names: Names
    language: Language
    files: Mapping[str, str]
    tested: Mapping[str, Tested]

    def link(self, campaign: Campaign) -> Link:
        return Link(campaign.label, quote(self.files[campaign.name]))

    def user(self, user: User) -> Link:
        match user.kind:
            case "campaign":
                return self.link(self.names.index.campaign(user.name))
            case "audience":
                label = self.names.index.audiences[user.name].label
                return Link(label, f"audiences.html#{quote(user.name)}")
            case _:
                label = self.names.index.lifecycles[user.name].label
                return Link(label, f"lifecycles.html#{quote(user.name)}")


_UNTESTED: Mapping[str, Tested] = MappingProxyType({})


def site(
    plan: Plan, language: Language, scenarios: Mapping[str, Tested] = _UNTESTED
) -> dict[str, str]:
    """Every page by its path: a folder a language, and an index that leads into both.

    `scenarios` are those of each campaign.
    """
    names, files = names_of(plan), _files(plan)
    found = {"index.html": _front(plan, language)}
    for one in languages():
        made = _Site(plan, names, one, files, scenarios)
        found |= {f"{one}/{name}": text for name, text in _pages(made)}
    return found


def _files(plan: Plan) -> dict[str, str]:
    """The file of each campaign; names that a folder takes for one get a number."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for campaign in plan.campaigns:
        name, number = campaign.name, 2
        while name.casefold() in taken:
            name, number = f"{campaign.name}-{number}", number + 1
        taken.add(name.casefold())
        found[campaign.name] = f"campaign-{name}.html"
    return found


def _front(plan: Plan, language: Language) -> str:
    values = {"languages": languages(), "names_of_languages": _LANGUAGES, "say": _SAY}
    return page("site_front.html", plan.project, language, **values)


def _pages(made: _Site) -> Iterator[tuple[str, str]]:
    yield "index.html", _index(made)
    yield "calendar.html", _calendar(made)
    yield "lifecycles.html", _lifecycles(made)
    yield "audiences.html", _audiences(made)
    yield "fields.html", _fields(made)
    for campaign in made.plan.campaigns:
        yield made.files[campaign.name], _campaign(made, campaign)


def _page(made: _Site, template: str, file: str, title: str | Phrase, **values: object) -> str:
    others = [(one, f"../{one}/{quote(file)}") for one in languages() if one != made.language]
    shared = {"others": others, "names_of_languages": _LANGUAGES, "say": _SAY}
    return page(template, title, made.language, **shared, **values)


# --- pages --------------------------------------------------------------------------------------


def _index(made: _Site) -> str:
    rows = [_row(made, campaign) for campaign in made.plan.campaigns]
    policies: dict[str, list[Link]] = {}
    for campaign in made.plan.campaigns:
        for policy in campaign.policies:
            policies.setdefault(policy, []).append(made.link(campaign))
    title = Phrase("site.title", project=made.plan.project)
    return _page(made, "site_index.html", "index.html", title, rows=rows, policies=policies)


def _row(made: _Site, campaign: Campaign) -> Row:
    found = clauses(made.names, campaign)
    fires = _first(found, "trigger")
    if len(campaign.steps) > 1:
        fires = Phrase("site.step_count", count=str(len(campaign.steps)))
    if fires is None:
        raise LookupError(f"{campaign.name} has no trigger")
    return Row(
        made.link(campaign),
        campaign.name,
        campaign.owner or "",
        _window(made.names, campaign),
        fires,
        _first(found, "reward"),
        _most(made.names, campaign),
        made.tested.get(campaign.name, Tested()),
    )


def _window(names: Names, campaign: Campaign) -> Phrase:
    start, end = campaign.active_from, campaign.active_to
    return Phrase(
        "site.from_to",
        start="…" if start is None else first_instant(start, names.zone),
        end="…" if end is None else last_instant(end, names.zone),
    )


def _first(found: tuple[Clause, ...], kind: str) -> Phrase | None:
    return next((one.says for one in found if one.kind == kind), None)


def _most(names: Names, campaign: Campaign) -> Words:
    """The most that the campaign can spend."""
    amount = most_spent(names, campaign)
    if amount is None:
        return Phrase("site.no_bound")
    return money(amount, names.plan.currency)


def most_spent(names: Names, campaign: Campaign) -> Decimal | None:
    """The least total among its own and those of its pools; `None` without any.

    It is 0 if the campaign gives nothing that costs.
    """
    rewards = [step.reward for step in campaign.steps if step.reward is not None]
    bundles = [branch.lines for reward in rewards for branch in reward.branches]
    if not any(
        costs_something(names, lines) for lines in (*bundles, campaign.when_exhausted.lines)
    ):
        return Decimal(0)
    charged = {
        charge.account for step in campaign.steps for charge in step.charges if charge.share is None
    }
    totals = [
        one.cap
        for one in (names.accounts[name] for name in charged)
        if one.measure == "money" and one.key is None and one.period is None
    ]
    return min(totals) if totals else None


def _campaign(made: _Site, campaign: Campaign) -> str:
    names = made.names
    read = [
        (_field_name(names, one), f"fields.html#{quote(_anchor(one))}")
        for one in fields_of(names.index, campaign)
    ]
    drawn = of_steps(names, campaign, made.language)
    row = _row(made, campaign)
    parts: tuple[tuple[Phrase, tuple[Part, ...]], ...] = sections(names, campaign)
    return _page(
        made,
        "site_campaign.html",
        made.files[campaign.name],
        campaign.label,
        row=row,
        sections=parts,
        drawn=drawn,
        fields=read,
        policies=campaign.policies,
    )


def _calendar(made: _Site) -> str:
    found = calendar(made.names, made.plan)
    bars = [(one, made.link(one.campaign), _row(made, one.campaign)) for one in found.bars]
    title = Phrase("site.calendar")
    return _page(made, "site_calendar.html", "calendar.html", title, bars=bars, ticks=found.ticks)


def _lifecycles(made: _Site) -> str:
    users = _users(made)
    drawn: list[tuple[str, str, Markup, list[Link]]] = []
    for one in made.plan.lifecycles:
        svg = of_stages(made.names, one, made.language)
        drawn.append((one.name, one.label, svg, users.get(("stage", one.name), [])))
    title = Phrase("site.lifecycles")
    return _page(made, "site_lifecycles.html", "lifecycles.html", title, lifecycles=drawn)


def _audiences(made: _Site) -> str:
    users = _users(made)
    rows = [
        (
            one.name,
            one.label,
            Phrase("wording.sentence", words=said(made.names, one.condition)),
            users.get(("audience", one.name), []),
        )
        for one in made.plan.audiences
    ]
    title = Phrase("site.audiences")
    return _page(made, "site_audiences.html", "audiences.html", title, audiences=rows)


def _users(made: _Site) -> dict[tuple[str, str], list[Link]]:
    """The campaigns that rest on an audience or a lifecycle, by its key."""
    found: dict[tuple[str, str], list[Link]] = {}
    for campaign in made.plan.campaigns:
        expressions = [one.expression for one in of_campaign(campaign)]
        for key in made.names.index.closure(expressions):
            found.setdefault(key, []).append(made.link(campaign))
    return found


def _fields(made: _Site) -> str:
    rows = []
    for field, users in sorted(impact(made.plan).items(), key=_order):
        links = [made.user(one) for one in users]
        rows.append((_anchor(field), _field_name(made.names, field), _code(field), links))
    return _page(made, "site_fields.html", "fields.html", Phrase("site.fields"), fields=rows)


def _order(entry: tuple[Field, object]) -> tuple[str, str]:
    return entry[0].event or "", entry[0].name


def _field_name(names: Names, field: Field) -> Words:
    if field.event is None:
        return names.customer_field(field.name)
    of = names.event_name(field.event)
    return Phrase("wording.field_of", field=names.field_of(field.event, field.name), of=of)


def _code(field: Field) -> str:
    return f"{field.event or 'customer'}.{field.name}"


def _anchor(field: Field) -> str:
    return _code(field).replace(" ", "_")
