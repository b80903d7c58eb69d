"""OpenAI's moderations endpoint, answered by our own engine."""
