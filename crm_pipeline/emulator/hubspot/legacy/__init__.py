"""Reading endpoints from before v3 that connectors still call, in the shapes of their time."""
