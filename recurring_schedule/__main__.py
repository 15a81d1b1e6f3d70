"""`python -m recurring_schedule` is the command `recurring-schedule`."""

import sys


def main() -> None:
    """Run the command, or name the extra that it needs."""
    try:
        from recurring_schedule.cli import main as cli  # here, because it raises ImportError without the extra `cli`
    except ImportError as error:
        sys.exit(f"recurring-schedule: {error}")
    except KeyboardInterrupt:
        sys.exit(130)  # the status that shells give Ctrl-C
    cli.main()


if __name__ == "__main__":
    main()
