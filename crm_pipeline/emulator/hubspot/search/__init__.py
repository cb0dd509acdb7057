"""The search endpoint: its language, and how it finds records among a million."""
