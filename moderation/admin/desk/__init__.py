"""The desk: where moderators review held comments and decide."""
