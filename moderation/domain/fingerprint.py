"""How a text is known again: the number that the engine that makes fingerprints and the table agree on."""

# MinHash bands of a fingerprint; each has a column of the index, so that another number is a migration.
BANDS = 8
