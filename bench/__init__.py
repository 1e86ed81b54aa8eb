"""Timings, on a repository of your choice: `make bench ARGS="--path ../other"`."""
