"""The Tooling API: what of an organisation's own set-up a client may read, and the custom fields that it may add."""
