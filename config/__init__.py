"""The composition root: settings, processes, and the code that puts the parts together."""
