"""The configuration of Sphinx: `sphinx-build -W docs docs/_build`. It needs the extras `all` and `docs`, and no network."""

from importlib.metadata import version as version_of
from typing import Any

from recurring_schedule.models import Document
from recurring_schedule.models.wire.unions import type_name

project = "recurring_schedule"
author = copyright = "The recurring_schedule developers"  # noqa: A001  # the name that Sphinx reads
release = version = version_of("recurring-schedule")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = True
# Names that are documented elsewhere; finding them would take a network.
nitpick_ignore_regex = [
    ("py:class", r"recurring_schedule\.batch\.\w+\.(Kernel|DueRows)"),  # of constructors that users do not call
    (
        "py:class",
        r"(collections\.abc|datetime|fractions|http\.server|hypothesis\.strategies|numpy|npt?|pathlib|ssl|threading)\.\w+|date|Fraction",
    ),
    # A Schedule or a ScheduleSet; a pair of days; a mapping; and a BusinessCalendar.
    ("py:class", r"Plan|Known|Question|(recurring_schedule\.business\.open_days\.)?OpenDays|PaymentCalendar|Paid_co"),
    ("py:class", r"recurring_schedule\.testing\.reference\._Calendar"),  # anything with `is_open`
    ("py:class", r"recurring_schedule\.service(\.\w+)+|Api|sqlalchemy\..*"),  # parts that the settings create
    (
        "py:class",
        r"(decimal\.)?Decimal|pydantic.*|recurring_schedule\.models(\.\w+)+|ShortIdentifier|Scheme|Wire|Amounts|dict\[str",
    ),
]

myst_heading_anchors = 3

autodoc_default_options = {"members": True, "member-order": "bysource", "special-members": "__getitem__, __contains__"}
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
default_role = "literal"  # docstrings write names in single backticks

html_theme = "furo"
html_title = f"recurring_schedule {release}"
html_copy_source = False


def setup(app: Any) -> None:
    """Show the wire fields of documents instead of the signatures of their classes."""
    app.connect("autodoc-process-docstring", _with_fields)
    app.connect("autodoc-process-signature", _without_signature)


def _is_document(documented: object) -> bool:
    return isinstance(documented, type) and issubclass(documented, Document)


def _with_fields(app: object, what: str, name: str, documented: Any, options: object, lines: list[str]) -> None:
    if _is_document(documented):
        for key, field in documented.model_fields.items():
            optional = "" if field.is_required() else ", optional"
            wire = field.validation_alias or key
            lines += ["", f"- ``{wire}`` (``{type_name(field.annotation)}``{optional}): {field.description}"]


def _without_signature(app: object, what: str, name: str, documented: object, *_: object) -> tuple[str, None] | None:
    return ("", None) if _is_document(documented) else None
