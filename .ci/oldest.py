"""The oldest versions that the installed distribution's extras allow, as constraints for pip."""

import re
from importlib.metadata import requires

ASKED = re.compile(r"([\w-]+)[^;]*>=(\d[\w.]*)")
print(
    *sorted({"==".join(found.groups()) for found in map(ASKED.match, requires("recurring-schedule") or []) if found}),
    sep="\n",
)
