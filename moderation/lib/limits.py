"""Limits that the system enforces on a process."""

import resource

# Far above what a batch needs, far below what would push the machine into swapping.
MEMORY_LIMIT_BYTES = 1_500_000_000


def limit_memory(limit_bytes: int = MEMORY_LIMIT_BYTES) -> None:
    """Let allocations beyond `limit_bytes` of data fail in this process (RLIMIT_DATA)."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard == resource.RLIM_INFINITY or hard > limit_bytes:
        resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, hard))
