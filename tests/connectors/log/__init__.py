"""Tests of the log connector."""
