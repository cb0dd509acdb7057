"""Reads XML that clients send, without what makes XML dangerous.

Belongs here: parsing. Not here: what elements mean (soap.py, bulk/classic_routes.py).
"""

from __future__ import annotations

from xml.etree import ElementTree


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("DOCTYPE is not allowed")


def parse_xml(content: bytes) -> ElementTree.Element:
    """The root element. Raises ValueError for what is no XML, or has a document type."""
    # Entities need a document type, which is refused; nothing is fetched.
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314
    try:
        parser.feed(content)
        return parser.close()
    except ElementTree.ParseError as error:
        raise ValueError(f"The request is not XML: {error}") from None


def local_name(element: ElementTree.Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
