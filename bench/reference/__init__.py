"""What our own web process is compared with: the leanest Django that stores a row durably.

The same shell, server, threads, connection pool and database; no middleware, no REST framework.
"""
