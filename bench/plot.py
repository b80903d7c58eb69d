"""Curves as plain SVG, readable on light and dark pages: no library, no script."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 300, 190  # of one panel
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 28, 30
_ACROSS = 2
_LEGEND = 26
_FIRST = 20  # what comes before has too few points to be a curve
_SAID = 'role="img" aria-label="Area under the curve by decisions"'
_STYLE = """
text{font:11px system-ui,sans-serif;fill:#333}.title{font-weight:600}.grid{stroke:#ddd}
.line{fill:none;stroke-width:1.8}.c0{stroke:#0b62c4}.c1{stroke:#b4530a;stroke-dasharray:5 3}
@media (prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.c0{stroke:#6db3ff}.c1{stroke:#ffa560}}
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """One small diagram: curves by name, a value after each decision, NaN where there is none."""

    title: str
    curves: Mapping[str, Sequence[float]]


def draw_panels(panels: Sequence[Panel]) -> str:
    """All panels on one sheet, two in a row, with a legend above them."""
    rows = math.ceil(len(panels) / _ACROSS)
    width, height = _ACROSS * _WIDTH, rows * _HEIGHT + _LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_SAID}>',
        f"<style>{_STYLE}</style>",
        _legend(list(panels[0].curves)),
    ]
    for number, panel in enumerate(panels):
        x, y = number % _ACROSS * _WIDTH, number // _ACROSS * _HEIGHT + _LEGEND
        parts.append(f'<g transform="translate({x},{y})">{_draw(panel)}</g>')
    return "\n".join([*parts, "</svg>\n"])


def _legend(names: Sequence[str]) -> str:
    pieces = []
    for number, name in enumerate(names):
        x = _LEFT + 120 * number
        pieces.append(f'<line class="line c{number}" x1="{x}" y1="14" x2="{x + 24}" y2="14"/>')
        pieces.append(f'<text x="{x + 30}" y="18">{escape(name)}</text>')
    return "".join(pieces)


def _draw(panel: Panel) -> str:
    known = [value for curve in panel.curves.values() for value in curve[_FIRST:] if not math.isnan(value)]
    low, high = math.floor(20 * min(known)) / 20, math.ceil(20 * max(known)) / 20
    count = max(len(curve) for curve in panel.curves.values())
    parts = [f'<text class="title" x="{_LEFT}" y="16">{escape(panel.title)}</text>']
    for value in (low, (low + high) / 2, high):
        y = _y(value, low, high)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for at in range(0, count + 1, 100):
        place = f'x="{_x(at, count):.1f}" y="{_HEIGHT - _BOTTOM + 16}"'
        parts.append(f'<text {place} text-anchor="middle">{at}</text>')
    for number, curve in enumerate(panel.curves.values()):
        points = " ".join(
            f"{_x(at + 1, count):.1f},{_y(value, low, high):.1f}"
            for at, value in enumerate(curve)
            if at >= _FIRST and not math.isnan(value)
        )
        parts.append(f'<polyline class="line c{number}" points="{points}"/>')
    return "".join(parts)


def _x(at: float, count: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * at / count


def _y(value: float, low: float, high: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / max(high - low, 1e-9)
