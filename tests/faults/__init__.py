"""Real processes on a database of their own, killed and starved at random; `make test-faults` runs them."""
