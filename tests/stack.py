"""Fixtures that start the real thing."""
