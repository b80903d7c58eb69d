"""The desk: where moderators read what waits, and decide."""
