"""The measuring tools measure right."""
