"""Events by which a change in the catalogue reaches a journey."""

from typing import Literal

from domain.unit import Unit
from domain.value import HsaId, Value


class UnitAdopted(Value):
    """A unit has changed; from now on the journey knows it as it is."""

    type: Literal["unit_adopted"] = "unit_adopted"
    unit: Unit
    stand_ins: tuple[Unit, ...] = ()


class UnitSucceeded(Value):
    """Everything that a unit held, owed and awaited is its successor's, at this instant."""

    type: Literal["unit_succeeded"] = "unit_succeeded"
    old: HsaId
    to: Unit
    stand_ins: tuple[Unit, ...] = ()


UnitHappening = UnitAdopted | UnitSucceeded
