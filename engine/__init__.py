"""Hookline: a self-hosted workflow-automation engine. The parts and their layers stand in ``engine/README.md``."""

__version__ = "0.1.0"
