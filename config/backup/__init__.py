"""Backup and restore: one file that holds the whole database and a description of what it needs."""
