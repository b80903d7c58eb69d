"""The checks in the order in which they are told to a moderator."""

from moderation.checks.check import Check

LOCAL_CHECKS: tuple[Check, ...] = ()
