"""The composition root: settings, processes, and what puts the parts together."""
