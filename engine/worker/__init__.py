"""Celery. Owns the app, its one task and the worker process around it; the only package that knows Celery.

The journal is the truth and a message is a doorbell: it carries run ids and nothing else, and losing or repeating it changes nothing.
So there is no result backend, no ETA, no countdown, no canvas, and a forged message can only make a due run start.
"""
