"""The forward pass of the encoder in JAX: BERT's layers, mean and max pooling, one linear layer."""

from typing import Any

import jax
import jax.numpy as jnp

from training.encoder.base import ATTENTION_HEADS, WIDTH

EPSILON = 1e-12
Params = dict[str, Any]


def forward(params: Params, tokens: jax.Array, mask: jax.Array, keep: jax.Array | None = None) -> jax.Array:
    """Logits (rows, outputs) of `tokens`, embeddings (rows, pieces, WIDTH), padding masked out by
    a 0 in `mask` (rows, pieces). The embeddings are looked up outside: their gradient is then as
    small as the batch.

    `keep` (rows, 2 * WIDTH) is the dropout mask of the pooled vector, already scaled.
    """
    hidden = tokens + params["places"][: tokens.shape[1]]
    hidden = _norm(params["norm"], hidden)
    bias = (1.0 - mask)[:, None, None, :] * -1e9
    for layer in params["layers"]:
        hidden = _layer(layer, hidden, bias)
    seen = mask[:, :, None]
    mean = (hidden * seen).sum(1) / seen.sum(1)
    most = jnp.where(seen > 0, hidden, -1e9).max(1)
    pooled = jnp.concatenate([mean, most], axis=1)
    if keep is not None:
        pooled *= keep
    return _dense(params["head"], pooled)


def _dense(params: Params, values: jax.Array) -> jax.Array:
    result: jax.Array = values @ params["w"] + params["b"]
    return result


def _norm(params: Params, values: jax.Array) -> jax.Array:
    centred = values - values.mean(-1, keepdims=True)
    scale = jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + EPSILON)
    result: jax.Array = centred * scale * params["g"] + params["b"]
    return result


def _layer(params: Params, hidden: jax.Array, bias: jax.Array) -> jax.Array:
    rows, pieces, _ = hidden.shape
    size = WIDTH // ATTENTION_HEADS
    qkv = _dense(params["qkv"], hidden).reshape(rows, pieces, 3, ATTENTION_HEADS, size)
    query, key, value = (qkv[:, :, part].transpose(0, 2, 1, 3) for part in range(3))
    looks = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / size**0.5 + bias, axis=-1)
    mixed = (looks @ value).transpose(0, 2, 1, 3).reshape(rows, pieces, WIDTH)
    hidden = _norm(params["norm1"], hidden + _dense(params["out"], mixed))
    inner = jax.nn.gelu(_dense(params["up"], hidden), approximate=False)
    return _norm(params["norm2"], hidden + _dense(params["down"], inner))
