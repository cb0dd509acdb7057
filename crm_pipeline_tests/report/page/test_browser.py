"""The report in a browser: nothing is loaded, texts can be read in light and dark, nothing is cut off on a phone."""

from __future__ import annotations

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.report.page import file
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.browser.chromium import chromium
from crm_pipeline_tests.report.page.morning import write_morning, written

#: Texts with less contrast to what is behind them than WCAG's AA wants, as [text, ratio].
_FAINT = """() => {
  const parse = (c) => { const [r, g, b, a = 1] = c.match(/[\\d.]+/g).map(Number); return { r, g, b, a } };
  const light = ({ r, g, b }) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0) return c } return null };
  const found = [];
  for (const e of document.querySelectorAll('body, body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility()) continue;
    const back = behind(e);
    if (!back) { found.push(['no background', 0]); continue }
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push([e.textContent.slice(0, 40), ratio]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    warehouse = write_morning(folder / "crm.duckdb")
    with warehouse.connect() as connection:
        insert(connection, "push.outbox", [written("rejected", "A_CODE_THAT_IS_LONG_AND_HAS_NO_PLACE_TO_BREAK_IT_AT")])
    with warehouse.read() as connection:
        path = file.write(connection, load_settings().model_copy(update={"reports": folder}), in_full=True)
    return path.as_uri()


@pytest.fixture(scope="module", params=[("light", 1280), ("dark", 390), ("light", 390), ("dark", 1280)])
def opened(browser, address, request):
    """(the page with every part unfolded, requests, what the console said)."""
    scheme, width = request.param
    shown = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    requests, console = [], []
    shown.on("request", lambda one: requests.append(one.url))
    shown.on("console", lambda message: console.append(message.text))
    shown.on("pageerror", lambda error: console.append(str(error)))
    shown.goto(address)
    shown.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    yield shown, requests, console
    shown.close()


def test_nothing_leaves_the_file_and_nothing_goes_wrong(opened, address):
    _, requests, console = opened
    assert requests == [address]
    assert console == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_text_can_be_read_and_nothing_scrolls_sideways(opened, language):
    shown, *_ = opened
    shown.check(f"#{language}")
    heading = {"en": "What needs a person now", "ja": "今、人の対応が必要なこと"}
    assert shown.inner_text("#needs").strip() == heading[language]
    assert shown.evaluate(_FAINT) == []
    size = shown.viewport_size
    for width in (size["width"], 720, 1120):
        shown.set_viewport_size({**size, "width": width})
        assert shown.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
    shown.set_viewport_size(size)
    hidden = {"en": "ja", "ja": "en"}[language]
    assert not shown.locator(f"h2 .{hidden}").first.is_visible()


def test_light_and_dark_differ(browser, address):
    def paper(scheme):
        shown = browser.new_page(color_scheme=scheme)
        shown.goto(address)
        found = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        shown.close()
        return found

    assert paper("light") != paper("dark")


def test_on_paper_all_is_dark_on_light_and_open_and_the_switch_is_gone(browser, address):
    shown = browser.new_page(color_scheme="dark")
    shown.goto(address)
    shown.emulate_media(media="print")
    assert shown.evaluate(_FAINT) == []
    assert not shown.locator(".language").is_visible()
    assert shown.locator("details table").first.evaluate("one => one.getBoundingClientRect().height") > 0
    shown.close()
