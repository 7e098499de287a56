"""Commands that bring a change in the catalogue to a running journey.

`stand_ins` are the units that cover for it or call on its behalf, as the catalogue has them.
"""

from typing import Literal

from domain.unit import Unit
from domain.value import HsaId, Value


class AdoptUnit(Value):
    """A unit of the journey has changed; with `reproject` clocks in its hours are counted anew."""

    type: Literal["adopt_unit"] = "adopt_unit"
    unit: Unit
    stand_ins: tuple[Unit, ...] = ()
    reproject: bool = False


class Succeed(Value):
    """A unit has gone up in another, which takes over everything that it held, owed and awaited."""

    type: Literal["succeed"] = "succeed"
    old: HsaId
    to: Unit
    stand_ins: tuple[Unit, ...] = ()


UnitCommand = AdoptUnit | Succeed
