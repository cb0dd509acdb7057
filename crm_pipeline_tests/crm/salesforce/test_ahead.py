"""Pages fetched one ahead of their reader."""

from __future__ import annotations

from threading import Event

import pytest

from crm_pipeline.crm.salesforce import ahead


def test_all_pages_come_in_order():
    assert list(ahead.pages(1, lambda page: page + 1 if page < 5 else None)) == [1, 2, 3, 4, 5]


def test_the_next_page_is_fetched_while_the_reader_is_at_work():
    fetched = {page: Event() for page in range(2, 9)}

    def follow(page: int) -> int:
        fetched[page + 1].set()
        return page + 1

    pages = ahead.pages(1, follow)
    assert next(pages) == 1
    assert not fetched[2].is_set()  # a reader that only wants the first page costs one call
    assert next(pages) == 2
    assert fetched[3].wait(5)
    pages.close()
    assert not fetched[4].is_set()


def test_an_error_comes_behind_the_page_before():
    def follow(page: int) -> int:
        if page == 3:
            raise LookupError
        return page + 1

    pages = ahead.pages(1, follow)
    assert [next(pages) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(LookupError):
        next(pages)
