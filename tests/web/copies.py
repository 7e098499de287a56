"""A patient's copy with something in every place."""

from datetime import date, datetime
from typing import Any

from domain.calendar import STOCKHOLM
from domain.patient_copy import (
    GoalCopy,
    MeasureCopy,
    NextMeeting,
    PatientCopy,
    Phase,
    PhaseState,
    PlanCopy,
    Responsible,
    WaitingHandover,
)
from domain.profession import Profession

HOSTILE = '#read("/etc/passwd") <script>alert(1)</script> *_$ {{ 7*7 }} \\ " & @x'


def goal(own_words: str = "Jag vill kunna gå till bryggan.", **change: Any) -> GoalCopy:
    """A goal with a date."""
    fields = {
        "own_words": own_words,
        "baseline": "Du går 50 meter med rollator.",
        "target": "Du går 400 meter med käpp.",
        "target_date": date(2027, 2, 26),
    }
    return GoalCopy(**(fields | change))


def plan(**change: Any) -> PlanCopy:
    """A second version of a plan: two goals, three measures."""
    fields = {
        "number": 2,
        "author_profession": Profession.FT,
        "unit": "Kommunrehab Köping",
        "decided_on": date(2026, 11, 10),
        "summary": "Du har fått svagare vänster ben och blir lätt trött. Du klarar mycket själv.",
        "goals": (goal(), goal("Jag vill kunna laga min egen mat igen.")),
        "measures": (
            MeasureCopy(
                text="Träna gång hemma och ute",
                who=Profession.FT,
                frequency="två gånger i veckan",
            ),
            MeasureCopy(
                text="Laga mat i ditt eget kök",
                who=Profession.AT,
                frequency="en gång i veckan",
            ),
            MeasureCopy(text="Prata om mat", who=Profession.DIET, frequency="en gång"),
        ),
        "follow_up_on": date(2027, 1, 15),
    }
    return PlanCopy(**(fields | change))


def patient_copy(**change: Any) -> PatientCopy:
    """All of it; single fields may be changed."""
    return PatientCopy(**(_fields() | change))


def _fields() -> dict[str, Any]:
    return {
        "pathway": "Stroke – fortsatt vård och rehabilitering i hemmet",
        "patient_name": "Testpatient 01",
        "printed_on": date(2026, 11, 24),
        "responsible": _responsible(),
        "phases": _phases(),
        "plan": plan(),
        "what_matters": "Att få bo kvar hemma.\nAtt kunna gå till bryggan med min hund.",
        "meetings": (
            NextMeeting(
                kind="Möte om dina mål",
                starts_at=datetime(2026, 12, 1, 13, 15, tzinfo=STOCKHOLM),
                minutes=90,
                place="Hemma hos dig",
            ),
        ),
        "handovers_waiting": (
            WaitingHandover(
                what="ta över din träning",
                from_unit="Strokeenheten",
                to_unit="Kommunrehab Köping",
                since=date(2026, 11, 23),
            ),
        ),
    }


def _responsible() -> tuple[Responsible, ...]:
    return (
        Responsible(
            part="Samordning",
            unit="Strokeenheten",
            phone="010-000 00 00",
            since=date(2026, 11, 2),
        ),
        Responsible(part="Hemtjänst", unit="Hemtjänsten Köping", since=date(2026, 11, 20)),
    )


def _phases() -> tuple[Phase, ...]:
    return (
        Phase(label="Bedömning på strokeenheten", state=PhaseState.DONE),
        Phase(label="Hjälp med att prata", state=PhaseState.SKIPPED),
        Phase(label="Rehabilitering i hemmet", state=PhaseState.NOW),
        Phase(label="Uppföljning", state=PhaseState.LATER),
    )
