"""The queue that rules may not name."""

# Published comments that were drawn at random for review; readers see them all the time.
SAMPLE_QUEUE = "sample"
