"""What is overdue."""


def overdue() -> None:
    """What is overdue."""
