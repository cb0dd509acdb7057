"""Requests whose body a client has compressed.

Belongs here: reading them. Answers are never compressed, as the platform may do. Source: REST API guide "Compression".
"""

from __future__ import annotations

import zlib

from crm_pipeline.emulator.salesforce.errors import ApiError

_LARGEST = 200 * 1024 * 1024
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def decompressed(body: bytes, encoding: str) -> bytes:
    """The body as it was before the client applied this Content-Encoding. Raises ApiError."""
    window = _WINDOWS.get(encoding.strip().lower())
    if window is None or not body:
        return body
    reader = zlib.decompressobj(window)
    try:
        content = reader.decompress(body, _LARGEST)
    except zlib.error:
        raise ApiError("INVALID_COMPRESSION", "The request body is not compressed as its header says") from None
    if reader.unconsumed_tail:
        raise ApiError("REQUEST_ENTITY_TOO_LARGE", "The request body is too large", status=413)
    if not reader.eof:
        raise ApiError("INVALID_COMPRESSION", "The compressed request body ends too early")
    return content
