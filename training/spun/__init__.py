"""Template spam: the weights of `moderation/language/models/spun.bin` and what they know of new ones."""
