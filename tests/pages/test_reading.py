"""The foundation of pages, as a browser shows it; and that faults of a page are found."""

import pytest

from .browser import Seen, assert_reads_well, printed, seen
from .shown import Words, sample

pytestmark = pytest.mark.pages

BAD = """<!doctype html><html><body style="background:#fff">
<p style="color:#aaa">pale</p><a href="#x" tabindex="-1">unreached</a>
<div style="width:2000px">wide</div><script>console.error("loud")</script>
<img src="http://host.invalid/pixel.png">
<svg class="chart" viewBox="0 0 10 10" width="100"><text x="9">far to the right</text></svg>
</body></html>"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_reads_well_on_a_phone_at_a_desk_and_on_paper(browser, tmp_path, pictures, language):
    file = tmp_path / f"foundation-{language}.html"
    file.write_text(sample(language, Words()), "utf-8")
    assert_reads_well(browser, file, pictures)


def test_long_names_and_names_in_chinese_stay_in_their_place(browser, tmp_path, pictures):
    file = tmp_path / "names.html"
    words = Words("资产提升有礼" * 8, "资产提升有礼的三月八日活动", "win_back_everybody_" * 5)
    file.write_text(sample("zh", words), "utf-8")
    assert_reads_well(browser, file, pictures)


def test_what_looks_like_html_stays_text(browser, tmp_path):
    file = tmp_path / "hostile.html"
    text = '"><script>console.error(1)</script><img src=http://host.invalid/x onerror=alert(1)>'
    file.write_text(sample("en", Words(text, text[:12], text)), "utf-8")
    found = seen(browser, file, 1280, 900)
    assert (found.console, found.requests) == ([], [])


def test_a_fault_of_each_kind_is_found(browser, tmp_path):
    file = tmp_path / "bad.html"
    file.write_text(BAD, "utf-8")
    found = seen(browser, file, 390, 844)
    assert found.console
    assert found.requests == ["http://host.invalid/pixel.png"]
    assert [fault.partition(":")[0] for fault in found.contrast] == ["pale"]
    assert len(found.unreached) == 1
    assert found.too_wide
    assert found.cut_off == ["far to the right"]
    assert found != Seen()
    assert printed(browser, file)
