"""Answers that were given elsewhere: by telephone (R-093), or on paper in a downtime."""

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


class PaperAnswer(Value):
    """Which function at the receiver answered on a slip of the downtime pack, and when.

    Whoever writes it in is one person; it holds when a second one has confirmed it.
    """

    function: ShortText
    at: Instant


# Where an answer comes from that is written down afterwards.
Entry = PhoneCall | PaperAnswer


class CallTask(Value):
    """Somebody owes the unit a call: about which rung, to which function, since when."""

    rung: Key
    function: Function
    since: Instant


CallOutcome = Literal["reached", "no_answer", "wrong_number", "call_back"]
