"""Tests of the connector ``schedule``."""
