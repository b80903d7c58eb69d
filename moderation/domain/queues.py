"""The queue that no rule may name."""

# Here waits what is published, and was drawn for a person's look: readers see it all the while.
SAMPLE_QUEUE = "sample"
