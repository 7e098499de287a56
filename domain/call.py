"""Answers by telephone, for a unit without a system of its own (R-093)."""

from typing import Annotated, Literal

from pydantic import Field

from domain.unit import Function
from domain.value import Instant, Key, ShortText, Value

Number = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ()-]{3,24}$")]


class PhoneCall(Value):
    """Who at the unit answered, in what function, on what number, when."""

    name: ShortText
    function: ShortText
    number: Number
    at: Instant


class CallTask(Value):
    """Somebody owes the unit a call: about which rung, to which function, since when."""

    rung: Key
    function: Function
    since: Instant


CallOutcome = Literal["reached", "no_answer", "wrong_number", "call_back"]
