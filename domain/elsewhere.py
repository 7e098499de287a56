"""What a patient's other journeys hear of a fact; decision 0016 says why."""

from domain.command import ChangeProtection, FactCommand, ReportFact
from domain.facts import Protection


def told_elsewhere(command: FactCommand) -> ChangeProtection | ReportFact | None:
    """Raised protection holds everywhere; a mask is lifted in one journey; the rest is reported."""
    if isinstance(command, ChangeProtection):
        return command if command.protection is not Protection.NONE else None
    return ReportFact(fact=command.type)
