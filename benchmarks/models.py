"""`python -m benchmarks.models`: documents read, checked and written; `--write` writes the section of the page."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from benchmarks.measuring import FULL, QUICK, Effort, Figure, Snippet, interpreters, measure
from benchmarks.publishing import publish
from benchmarks.report import surroundings, table
from recurring_schedule.models import CustomerCreatable, PaydockCustomerCreatable, read, read_json, violations_of
from recurring_schedule.models.examples import EXAMPLES

IMPORT = "import recurring_schedule.models"

DOCUMENTS: Mapping[str, tuple[object, str]] = {
    "a customer with a method": (CustomerCreatable, EXAMPLES["CustomerCreatable"][0]),
    "a customer with everything": (CustomerCreatable, EXAMPLES["CustomerCreatable"][2]),
    "Paydock's customer by card": (PaydockCustomerCreatable, EXAMPLES["PaydockCustomerCreatable"][0]),
}


def wrong(text: str) -> str:
    """Return the document with a flaw in each object that has a string: one of its strings becomes a number."""
    wire = json.loads(text)

    def spoil(value: object) -> None:
        if isinstance(value, dict):
            names = [name for name, inner in value.items() if isinstance(inner, str) and name != "card_number"]
            if names:
                value[names[0]] = 7
            for inner in value.values():
                spoil(inner)
        elif isinstance(value, list):
            for inner in value:
                spoil(inner)

    spoil(wire)
    return json.dumps(wire)


def refused(kind: object, text: str) -> list[str]:
    """Return the paths of the flaws. Raises AssertionError if the document is valid."""
    try:
        read(kind, text)
    except ValidationError as error:
        return [violation.property for violation in violations_of(error)]
    raise AssertionError("got a document, expected an error")


def cases(kind: object, text: str) -> dict[str, Snippet]:
    """Return the snippets to time. Raises AssertionError if the document does not come back as it was."""
    document = read(kind, text)
    names = {
        "read": read, "read_json": read_json, "json": json, "kind": kind, "text": text, "document": document,
        "refused": refused, "spoilt": wrong(text),
    }  # fmt: skip
    if json.loads(document.to_json(reveal=True)) != json.loads(text):
        raise AssertionError("the document written is not the document read")
    if not refused(kind, names["spoilt"] if isinstance(names["spoilt"], str) else ""):
        raise AssertionError("no flaw is reported")
    return {
        "read and checked": Snippet("read(kind, text)", names),
        "JSON alone, with exact numbers": Snippet("read_json(text)", names),
        "JSON alone, by Python's `json`": Snippet("json.loads(text)", names),
        "written": Snippet("document.to_json()", names),
        "refused, with a flaw in each object": Snippet("refused(kind, spoilt)", names),
    }


def section(effort: Effort, tell: Callable[[str], object]) -> str:
    """Return all figures, as Markdown."""
    rows: dict[str, dict[str, Figure]] = {}
    for title, (kind, text) in DOCUMENTS.items():
        rows[title] = measure(cases(kind, text), effort)
        for name, figure in rows[title].items():
            tell(f"{title}: {name}: {figure}")
    names = list(next(iter(rows.values())))
    lines = [[name, *(str(row[name]) for row in rows.values())] for name in names]
    sizes = ["bytes of JSON", *(f"{len(json.dumps(json.loads(text))):,}" for _, text in DOCUMENTS.values())]
    counts = ["flaws reported", *(str(len(refused(kind, wrong(text)))) for kind, text in DOCUMENTS.values())]
    imports = interpreters(IMPORT, effort.rounds)
    tell(f"import: {imports[IMPORT]}")
    return (
        "\n\n".join(
            [
                surroundings(("pydantic", "pydantic-core", "email-validator", "phonenumbers")),
                table(["", *rows], [sizes, *lines, counts]),
                table(
                    ["a new interpreter", "processor time"], [[f"`{code}`", str(one)] for code, one in imports.items()]
                ),
            ]
        )
        + "\n"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    def figures(is_quick: bool) -> str:
        return section(QUICK if is_quick else FULL, lambda line: print(line, file=sys.stderr))

    publish(arguments, "benchmarks.models", __doc__, figures)


if __name__ == "__main__":
    main()
