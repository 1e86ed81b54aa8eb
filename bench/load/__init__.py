"""Load: many at once, and a database that grows to a million chunks: `make bench-load`."""
