"""Associations between records: their types, where they are kept, and the endpoints of v3 and v4."""
