"""Databases for tests of several parts together. Owns nothing: they are those of the contract suites."""

from __future__ import annotations

from tests.contracts.conftest import database_url, migrated_postgres_url, migrated_sqlite_file, postgres_server

__all__ = ["database_url", "migrated_postgres_url", "migrated_sqlite_file", "postgres_server"]
