"""Comments made from templates, in which the same words are harmless in one row and an attack in the next."""

from training.contrast.rows import Row, generate

__all__ = ["Row", "generate"]
