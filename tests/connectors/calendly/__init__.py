"""Tests of the Calendly connector and its simulator."""
