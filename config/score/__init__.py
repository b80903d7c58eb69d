"""The scoring server: compatible analysis alone, without database, broker or workers."""
