"""What callers send about units: closed bodies with an example each."""

from typing import Any

from pydantic import ConfigDict

from domain.unit import Closure, Unit
from domain.unit_clocks import RunningClocks
from domain.value import HsaId, ShortText, Value

_UNIT: dict[str, Any] = {
    "hsa_id": "SE0000000000-TESTK1980REH",
    "name": "Kommunrehab Västerås (demo)",
    "kind": "municipal_rehab",
    "organisation": "k1980",
    "principal": "k1980",
    "municipality": "1980",
    "contacts": [{"function": "inbox", "mail": "inkorg@example.invalid", "phone": "010-000 00 00"}],
    "hours": [{"day": 0, "opens": "07:30", "closes": "16:30"}],
    "substitutes": [
        {
            "function": "manager",
            "by": "coordinator",
            "first": "2030-07-01",
            "last": "2030-07-28",
        }
    ],
    "reason": "Nya öppettider från måndag.",
    "running_clocks": "keep",
}
_CLOSURE: dict[str, Any] = {
    "first": "2030-12-21",
    "last": "2031-01-03",
    "covered_by": "SE0000000000-TESTK1980IHR",
    "reason": "Stängt över jul och nyår.",
    "running_clocks": "recompute",
}
_SUCCESSION: dict[str, Any] = {
    "successor": "SE0000000000-TESTK1980IHR",
    "reason": "Enheterna slås samman.",
}


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [example]},
    )


class UnitBody(Unit):
    """The whole facts of a unit, and why they change; `version` is not heeded, If-Match is.

    `running_clocks` says what the change does to clocks that count the unit's hours: `keep` leaves
    each due where it is, `recompute` counts on in the hours as they become.
    """

    model_config = _example(_UNIT)
    reason: ShortText | None = None
    running_clocks: RunningClocks = RunningClocks.KEEP

    @property
    def facts(self) -> Unit:
        """The unit alone."""
        return Unit.model_validate(self.model_dump(exclude={"reason", "running_clocks"}))


class ClosureBody(Closure):
    """Days on which a unit is closed, and who covers; one that begins the same day is replaced.

    `running_clocks` says whether clocks in the unit's hours stand still meanwhile.
    """

    model_config = _example(_CLOSURE)
    running_clocks: RunningClocks = RunningClocks.KEEP

    @property
    def closure(self) -> Closure:
        """The closure alone."""
        return Closure.model_validate(self.model_dump(exclude={"running_clocks"}))


class SuccessionBody(Value):
    """The unit that takes over everything that this one holds, owes and awaits."""

    model_config = _example(_SUCCESSION)
    successor: HsaId
    reason: ShortText
