"""Harnesses for a fuzzer that is led by the branches that inputs take: `make fuzz`."""
