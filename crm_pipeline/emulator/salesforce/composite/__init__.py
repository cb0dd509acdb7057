"""Several requests or records in one: composite, batch, graph, tree and collections."""
