"""A site's own rules: reading, compiling, matching after all checks, and wording them as sentences."""
