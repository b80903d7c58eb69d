"""What a chaos run has to say, for people and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Report:
    """The figures of one run. `extra_runs` counts every claim of a screening job beyond its first."""

    seed: int
    accepted: int
    by_form: int
    repeated: int
    unanswered: int
    retries: Mapping[int, int]
    replays: int
    kills: Mapping[str, int]
    others: Mapping[str, int]
    zombies_with_lease: int
    chaos_s: float
    settle_s: float
    lost: int
    unscreened: int
    doubled: int
    extra_runs: int
    given_to_person: int
    runners: Mapping[str, int]
    surprises: Mapping[str, int]
    examples: Mapping[str, list[str]]

    @property
    def kill_count(self) -> int:
        """How many processes were killed."""
        return sum(self.kills.values())

    @property
    def bound(self) -> float:
        """With 95 % certainty a kill loses something no more often than this, if none of these did."""
        return 3 / max(1, self.kill_count)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept and every answer was one that a fault excuses."""
        return not (self.lost or self.unscreened or self.doubled or self.unanswered or self.surprises)

    def as_json(self) -> dict[str, object]:
        """All figures, derived ones too."""
        plain = {name: _plain(getattr(self, name)) for name in self.__slots__}
        return {
            **plain,
            "kill_count": self.kill_count,
            "bound": self.bound,
            "extra_runs_per_kill": self.extra_runs / max(1, self.kill_count),
        }

    def as_text(self) -> str:
        """The same for people."""
        kills = ", ".join(f"{label} {count}" for label, count in sorted(self.kills.items()))
        others = ", ".join(f"{label} {count}" for label, count in sorted(self.others.items()))
        runners = ", ".join(f"{name} {count}" for name, count in self.runners.items())
        in_vain = ", ".join(
            f"{count} {status or 'unanswered'}" for status, count in sorted(self.retries.items())
        )
        per_kill = self.extra_runs / max(1, self.kill_count)
        said = {
            "accepted": f"{self.accepted}, {self.by_form} of them by the readers' form; "
            f"{self.repeated} said before, {self.unanswered} without a final answer",
            "kills": f"{self.kill_count} in {self.chaos_s:.0f} s: {kills}",
            "other faults": f"{others}; {self.zombies_with_lease} stopped with work in hand",
            "clients": f"{sum(self.retries.values())} tries in vain ({in_vain}), "
            f"{self.replays} accepted ones sent again",
            "lost": f"{self.lost}",
            "unscreened": f"{self.unscreened}, settled {self.settle_s:.1f} s after the last fault",
            "doubled": f"{self.doubled}",
            "extra runs": f"{self.extra_runs}, {per_kill:.2f} per kill; "
            f"{self.given_to_person} given to a person after too many",
            "screened by": runners,
            "surprises": f"{dict(self.surprises) or 'none'}",
        }
        lines = [f"{name:<14}{text}" for name, text in said.items()]
        if self.is_clean:
            lines.append(f"With 95 % certainty fewer than {self.bound:.2%} of kills lose anything.")
        lines += [f"wrong: {name}: {', '.join(ids)}" for name, ids in self.examples.items()]
        return "\n".join(lines)


def _plain(value: object) -> object:
    """`asdict` would count a Counter's items instead of copying it."""
    return dict(value) if isinstance(value, Mapping) else value
