"""The command `bill`, which places and charges the orders of subscriptions.

Needs the extras `cli` and `service`.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from recurring_schedule.cli.parameters import print_json, read_day
from recurring_schedule.cli.service import service_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recurring_schedule.service.billing import BillingSummary

LEFT = 1
"""The exit status if orders are left to be charged, or subscriptions cannot be read."""


@click.command(short_help="Place and charge the orders of subscriptions that are due.")
@click.option(
    "--until", metavar="DAY", required=True, callback=read_day, help="The last due date to place: up to today."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def bill(until: date, as_json: bool) -> None:
    """Place an order for each due date of each subscription up to DAY that has none, charge the
    orders to be charged by then, and send the callbacks that are due. It can run beside the
    service, several times at once, and again after any failure: each due date is placed and charged
    once.

    The exit status is 0 if nothing is left, and 1 if orders are left to be charged, since the
    gateway did not respond or another run is charging them. The next run charges them. It is 1,
    too, if stored subscriptions cannot be read. These are passed over and named.

    \b
      $ recurring-schedule bill --until 2024-03-31
    """  # noqa: D301  # \b, a backspace, keeps click from rewrapping a paragraph
    with service_settings() as settings:
        from recurring_schedule.service import logs
        from recurring_schedule.service.server import bill_until

        logs.configure(settings.log_level)
        summary = bill_until(settings, until)
    if as_json:
        print_json({"until": until, **asdict(summary)})
    else:
        click.echo("\n".join(lines(summary)))
    if summary.left or summary.unreadable:
        sys.exit(LEFT)


def lines(summary: BillingSummary) -> list[str]:
    """Return a summary as lines of text. Other counts than those of orders are left out if 0."""
    optional = {
        "declined, to be tried again": summary.declined,
        "failed": summary.failed,
        "left for the next run": summary.left,
    }
    return [
        f"{summary.placed:,} placed{_text(summary.placed_amounts)}",
        f"{summary.charged:,} charged{_text(summary.charged_amounts)}",
        *(f"{count:,} {name}" for name, count in optional.items() if count),
        *(f"unreadable, so passed over: {name}" for name in summary.unreadable),
    ]


def _text(amounts: Mapping[str, Decimal]) -> str:
    return "".join(f", {amounts[currency]:,} {currency}" for currency in sorted(amounts))


COMMANDS = (bill,)
