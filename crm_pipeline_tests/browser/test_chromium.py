"""A page with Japanese in it can be looked at."""

from crm_pipeline_tests.browser.chromium import chromium


def test_a_page_is_rendered() -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.set_content("<h1>名寄せ</h1>")
        assert page.inner_text("h1") == "名寄せ"
