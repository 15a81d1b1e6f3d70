"""How the documentation is built: `sphinx-build -W docs docs/_build`. It needs the extras `all` and `docs`, and no network."""

from importlib.metadata import version as version_of

project = "recurring_schedule"
author = copyright = "The recurring_schedule developers"  # noqa: A001  # the name that Sphinx reads
release = version = version_of("recurring-schedule")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = True
# Documented elsewhere, and no network to ask where.
nitpick_ignore_regex = [
    ("py:class", r"recurring_schedule\.batch\.kernel\.Lookups"),  # columns are made by their class methods
    (
        "py:class",
        r"(collections\.abc|datetime|fractions|http\.server|hypothesis\.strategies|numpy|npt?|pathlib)\.\w+|date|Fraction",
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
