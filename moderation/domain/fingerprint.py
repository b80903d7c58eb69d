"""Fingerprints of texts: the number of bands that the engine and the table agree on."""

# MinHash bands of a fingerprint; each has a column of the index, so that another number is a migration.
BANDS = 8
