"""Pages that name the next one, fetched one ahead of their reader.

Not here: what a page is. Reads that are cut in parts, each of which may be fetched at any time, are `crm.parallel`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Page = TypeVar("Page")


def pages(first: Page, follow: Callable[[Page], Page | None]) -> Iterator[Page]:
    """The first page and those behind it. `follow` fetches the page behind another, None behind the last one.

    From the second page on the next one is fetched while the reader is at work, never more than one; a reader that
    leaves after the first page has cost no further call. Errors of `follow` come after the page before.
    """
    yield first
    page = follow(first)
    with ThreadPoolExecutor(1, thread_name_prefix="salesforce-page") as pool:
        while page is not None:
            coming = pool.submit(follow, page)
            yield page
            page = coming.result()
