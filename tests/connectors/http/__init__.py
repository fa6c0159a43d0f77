"""Tests of the HTTP connector; its service is scripted."""
