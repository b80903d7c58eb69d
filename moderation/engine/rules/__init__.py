"""A site's own rules: read, compiled, matched after all checks, and said in a sentence."""
