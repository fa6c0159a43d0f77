"""The web process: webhooks in, health out. Owns the ASGI application; it executes nothing."""
