"""Django's PostgreSQL backend with a time limit on transactions."""
