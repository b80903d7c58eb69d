"""Backup and restore: one file that holds the whole database and says what it needs to be used again."""
