"""The journal: what happened, in SQL. Owns every statement and every table; decides nothing about flows.

``port.py`` and ``catalog_port.py`` say what it promises, ``records.py`` what goes in and out, ``journal.py`` opens it. No other package imports SQLAlchemy.
"""
