"""Benchmarks: `make bench`. Real processes, real HTTP, real Redis; they measure and assert nothing, because machines differ."""
