"""Doing what the core decides: ingest, segments, the scheduler, subscriptions, deploys. Knows ports, never an adapter's library."""
