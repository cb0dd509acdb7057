"""Stub."""

from __future__ import annotations


def action_ja(action: str) -> str:
    return action
