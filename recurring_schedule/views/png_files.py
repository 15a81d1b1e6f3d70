"""Calendars as PNG files in light colours.

Needs the extra `plot`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurring_schedule.core.extras import extra

with extra("plot", "a PNG needs Matplotlib"):
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle, Patch, PathPatch, Polygon, Rectangle
    from matplotlib.path import Path as Lines

from recurring_schedule.views.drawings import Shape
from recurring_schedule.views.year_calendars import Calendar

_DOTS_PER_INCH = 144  # twice the points
_PAPER, _DUE, _CLAMPED, _CLOSED = "#ffffff", "#0060a0", "#b34700", "#c8c8d2"
_STYLES: dict[str, dict[str, Any]] = {
    "due": {"facecolor": _DUE, "edgecolor": _PAPER, "linewidth": 1},
    "clamped": {"facecolor": _CLAMPED, "edgecolor": _PAPER, "linewidth": 1},
    "moved": {"facecolor": _PAPER, "edgecolor": _DUE, "linewidth": 2},
    "clamped_moved": {"facecolor": _PAPER, "edgecolor": _CLAMPED, "linewidth": 2},
    "unsure": {"facecolor": _PAPER, "edgecolor": _DUE, "linewidth": 2, "linestyle": (0, (2, 1.45))},
    "paid": {"facecolor": "#00734f"},
    "stub": {"facecolor": "#dcdce4"},
    "closed": {"fill": False, "edgecolor": _CLOSED, "linewidth": 1.5},
    "unknown": {
        "fill": False,
        "edgecolor": _CLOSED,
        "linewidth": 2.5,
        "linestyle": (0, (0.01, 1.6)),
        "capstyle": "round",
    },
}
_SIZES = {"heading": 18, "month": 13}
_INKS = {"weekday": "#6b6b76", "out": "#6b6b76", "on": "#ffffff"}


def write_png(calendar: Calendar, path: Path | str) -> None:
    """Write the calendar's picture as a PNG file, with two dots for each unit of the SVG."""
    shapes, width, height = calendar.shapes()
    figure = Figure(figsize=(width / 72, height / 72), dpi=_DOTS_PER_INCH)
    axes: Any = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for shape in shapes:
        if shape.kind in _STYLES:
            axes.add_patch(_patch(shape))
        else:
            axes.text(
                shape.x,
                shape.y,
                shape.text,
                color=_INKS.get(shape.kind, "#1b1b1f"),
                fontsize=_SIZES.get(shape.kind, 10),
                fontweight="bold" if shape.kind in ("heading", "month", "on") else "normal",
                horizontalalignment="left" if shape.kind in ("month", "legend") else "center",
                verticalalignment="center",
            )
    figure.savefig(
        path, format="png", metadata={"Software": None}
    )  # without it, the file depends on Matplotlib's version


def _patch(shape: Shape) -> Patch:
    x, y, style = shape.x, shape.y, {"linewidth": 0} | _STYLES[shape.kind]
    if shape.kind in ("due", "moved", "unsure"):
        return Circle((x, y), 11 if shape.kind == "due" else 10, **style)
    if shape.kind in ("clamped", "clamped_moved"):
        half = 13 if shape.kind == "clamped" else 12
        return Polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], **style)
    if shape.kind == "closed":
        lines = [(x - 11, y + 4), (x - 3, y - 8), (x - 6, y + 8), (x + 5, y - 8), (x + 3, y + 8), (x + 11, y - 4)]
        return PathPatch(Lines(lines, [Lines.MOVETO, Lines.LINETO] * 3), **style)
    if shape.kind == "unknown":
        return PathPatch(Lines([(x - 8, y + 9), (x + 8, y + 9)]), **style)
    width, height = (23, 23) if shape.kind == "paid" else (24, 18)
    return Rectangle((x - width / 2, y - height / 2), width, height, **style)
