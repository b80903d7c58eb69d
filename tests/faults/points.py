"""The places where the service is killed on purpose, and what each stands for."""

# The point of the reliability plan → its places in the code. `tests/faults/test_failpoints.py` kills
# each of them; `test_points.py` finds a place that nobody tries.
POINTS: dict[str, tuple[str, ...]] = {
    "K1 before the commit of a submission": ("submit.before_commit",),
    "K2 after the commit, before the wake-up": ("jobs.before_wake_up",),
    "K3 after the wake-up, before the answer": ("jobs.after_wake_up",),
    "K4 after the claim": ("jobs.after_claim",),
    "K5 in the middle of the checks": ("checks.mid_check",),
    "K6 after the checks, before the finish": ("screen.before_finish",),
    "K7 inside the transaction of the finish": ("screen.inside_finish",),
    "K8 after the finish, before the task ends": ("jobs.after_run",),
    "K9 after a mail, before its row is marked": ("notify.sent",),
    "K10 the sweeper's child, before and after its claim": ("sweep.before_claim", "jobs.after_claim"),
    "K11 half way through a rotation of keys": ("rotate.before_commit",),
    "K13 half way through a purge": ("purge.half_way",),
    "K14 half way through a bulk decision": ("decide.half_way",),
    "K15 after outside services answered, before it is written": ("ask.before_finish",),
    "K16 inside the transaction in which a site learns": ("learn.inside_finish",),
    "K17 after a late verdict, before its row is marked": ("late_verdict.sent",),
}
# K12, half way through a migration, needs no place in the code: `test_migration.py` holds a lock that
# the migration waits for, and kills it while it waits.
