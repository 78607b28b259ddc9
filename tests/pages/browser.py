"""Pages as a reader has them: in Chromium, at the width of a phone, of a desk and on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
PAPER = 680
"""Pixels between the margins of A4, at 96 to the inch and margins of 15 mm."""

# Every text, its ink and its ground: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
CONTRAST = """() => {
  const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(node).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faults = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement, style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    if (!walk.currentNode.data.trim() || !box.width || style.display === "none") continue;
    if (["title", "desc", "style", "script"].includes(node.localName)) continue;
    const ink = channels(node instanceof SVGElement ? style.fill : style.color);
    const [one, two] = [light(ink), light(ground(node))];
    const ratio = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) faults.push(`${walk.currentNode.data.trim()}: ${ratio}`);
  }
  return faults;
}"""
REACHED = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  return [node === document.body ? null : node.outerHTML.slice(0, 120),
          style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0];
}"""
REACHABLE = """() => [...document.querySelectorAll("a[href], summary, [tabindex='0']")]
  .map(node => node.outerHTML.slice(0, 120))"""
TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")]
    .filter(node => node.getBoundingClientRect().right > wide + 1)
    .map(node => node.outerHTML.slice(0, 120));
}"""
CUT_OFF = """() => [...document.querySelectorAll("svg.chart")].flatMap(chart => {
  const whole = chart.getBoundingClientRect();
  return [...chart.querySelectorAll("text")].filter(text => {
    const box = text.getBoundingClientRect();
    return box.width && (box.left < whole.left - 1 || box.right > whole.right + 1);
  }).map(text => text.textContent);
})"""


@dataclass
class Seen:
    """The faults of a page at a width: each list is empty for a page that reads well."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    contrast: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    without_focus: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)


def seen(browser, file: Path, width: int, height: int, picture: Path | None = None) -> Seen:
    """Open the file at that size, go through it by keyboard, and photograph it."""
    found = Seen()
    page = browser.new_page(viewport={"width": width, "height": height})
    page.on("console", lambda line: found.console.append(line.text))
    page.on("pageerror", lambda error: found.console.append(str(error)))
    page.on("request", lambda asked: found.requests.append(asked.url))
    page.goto(file.as_uri())
    found.requests = [url for url in found.requests if url not in (file.as_uri(), "data:,")]
    found.contrast = page.evaluate(CONTRAST)
    found.too_wide = page.evaluate(TOO_WIDE)
    found.cut_off = page.evaluate(CUT_OFF)
    wanted, reached = page.evaluate(REACHABLE), []
    for _ in range(len(wanted) + 1):
        page.keyboard.press("Tab")
        name, is_marked = page.evaluate(REACHED)
        if name is not None:
            reached.append(name)
            found.without_focus += [] if is_marked else [name]
    found.unreached = [name for name in wanted if name not in reached]
    if picture is not None:
        page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
        page.screenshot(path=picture, full_page=True)
    page.close()
    return found


def printed(browser, file: Path, picture: Path | None = None) -> list[str]:
    """The elements that go past the edge of paper."""
    page = browser.new_page(viewport={"width": PAPER, "height": 1000})
    page.emulate_media(media="print")
    page.goto(file.as_uri())
    found = page.evaluate(TOO_WIDE)
    if picture is not None:
        page.pdf(path=picture, prefer_css_page_size=True)
    page.close()
    return found


def assert_reads_well(browser, file: Path, pictures: Path | None = None) -> None:
    """The page has no fault on a phone, at a desk and on paper."""
    for name, (width, height) in WIDTHS.items():
        picture = None if pictures is None else pictures / f"{file.stem}-{name}.png"
        found = seen(browser, file, width, height, picture)
        assert found == Seen(), (name, found)
    paper = None if pictures is None else pictures / f"{file.stem}.pdf"
    past_the_edge = printed(browser, file, paper)
    assert past_the_edge == [], past_the_edge
