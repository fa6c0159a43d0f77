"""Databases that earlier releases left, and what those releases ask of a database: this release goes on with the one and puts up with the other.

shop.py       the connector of the stories              stories.py    what is under way in a fixture
record.py     makes the fixtures of a release           fill.py       its part that the old release executes
listening.py  writes down what a release asks           releases/     the fixtures, by schema
"""
