"""Measurements, each a command: `python3 run.py bench NAME`. What has no `main` serves them."""
