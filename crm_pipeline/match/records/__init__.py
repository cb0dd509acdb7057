"""The records of one kind as arrays: their columns, loading them, everybody by id."""
