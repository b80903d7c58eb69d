"""Coral's external moderation phase: Coral asks us about each comment before it stores it."""
