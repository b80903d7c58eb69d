"""How the shipped weights are made: build-time only, never imported by the service."""
