"""Calendars as PNG files in light colours.

Needs the extra `plot`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurring_schedule.core.extras import extra

with extra("plot", "a PNG needs Matplotlib"):
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle, Patch, Polygon, Rectangle

from recurring_schedule.views.year_calendars import Calendar, Shape

_DOTS_PER_INCH = 144  # twice the points
_FACES = {"due": "#0060a0", "clamped": "#b34700", "stub": "#dcdce4"}
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
        if shape.kind in _FACES:
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
    x, y, face = shape.x, shape.y, _FACES[shape.kind]
    if shape.kind == "due":
        return Circle((x, y), 11, color=face, linewidth=0)
    if shape.kind == "clamped":
        return Polygon([(x, y - 13), (x + 13, y), (x, y + 13), (x - 13, y)], color=face, linewidth=0)
    return Rectangle((x - 12, y - 9), 24, 18, color=face, linewidth=0)
