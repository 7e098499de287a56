"""How an inbox and a handover look on a terminal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cli import display
from cli.client import console
from cli.display import NOTHING, Names, local, patient_line, say, table, words

MOMENTS = (
    "sent",
    "received",
    "acknowledged",
    "accepted",
    "taken_over",
    "first_contact",
    "declined",
    "withdrawn",
)

Fields = dict[str, Any]


def inbox(items: list[Fields], units: Names) -> None:
    """The handovers sent to a unit."""
    rows = [
        (
            h["id"],
            patient_line(h["patient"]),
            words(h["part"]),
            words(h["state"]),
            units[h["from_unit"]],
            _first_due(h),
        )
        for h in items
    ]
    table("Inbox", ("id", "patient", "part", "state", "from", "next due"), rows)
    if not rows:
        say("The inbox is empty.")


def whole(handover: Fields, units: Names, now: datetime) -> None:
    """One handover, from who it is about to what may be done now."""
    _headline(handover, units)
    content = [(k, v) for k, v in handover["content"].items() if v not in (None, [])]
    table("Content", ("", " "), [(words(k), _text(k, v)) for k, v in content])
    thread = [(local(m["at"]), words(m["kind"]), m["text"]) for m in handover["thread"]]
    table("Questions", ("at", "", "text"), thread)
    display.clocks(handover["clocks"], units, [handover["id"]], now)
    _contacts(handover)
    _told(handover["told"], units)
    say(f"may be done now: {', '.join(handover['available_actions']) or 'nothing by your unit'}")


def _first_due(handover: Fields) -> str:
    clock = display.next_clock(handover["clocks"])
    return local(clock["due_at"]) if clock else NOTHING


def _headline(handover: Fields, units: Names) -> None:
    """Who, what, between whom, and what has happened when."""
    say(patient_line(handover["patient"]), words(handover["part"]), style="bold")
    holder = units[handover["holder"]]
    say(words(handover["state"]), words(handover["purpose"]), f"held by {holder}")
    sides = [units[handover[side]] for side in ("from_unit", "to_unit")]
    say(f"from {sides[0]} to {sides[1]}")
    happened = [f"{words(m)} {local(handover[f'{m}_at'])}" for m in MOMENTS if handover[f"{m}_at"]]
    say(*happened)
    for line in _details(handover, units):
        say(line)
    say(f"handover {handover['id']}")
    say(f"journey {handover['journey_id']}")
    console.print()


def _details(handover: Fields, units: Names) -> Iterator[str]:
    """What only some handovers have."""
    takes_over, proposed = handover["takes_over"], handover["proposed_unit"]
    if takes_over and not handover["taken_over_at"]:
        when = local(takes_over["at"]) if takes_over["when"] == "at" else words(takes_over["when"])
        yield f"is taken over: {when}"
    if handover["decline_reason"]:
        yield f"declined because: {words(handover['decline_reason'])}"
    if proposed:
        yield f"proposed instead: {units[proposed]} {proposed}"


def _contacts(handover: Fields) -> None:
    """How to reach the sender and the receiver."""
    rows = [
        (side, handover[side]["name"], c["function"], c["phone"], c["mail"])
        for side in ("sender", "receiver")
        for c in handover[side].get("contacts", ())
    ]
    table("Contacts", ("", "unit", "function", "phone", "mail"), rows)


def _told(notices: list[Fields], units: Names) -> None:
    rows = [
        (
            local(n["at"]),
            words(n["rung"] or n["kind"]),
            f"{n['function']}, {units[n['unit']]}",
            n["channel"],
            local(n["delivered_at"]) if n["delivered_at"] else n["error"] or "under way",
        )
        for n in notices
    ]
    table("Who was told", ("at", "about", "who", "by", "delivered"), rows)


def _text(name: str, value: Any) -> str:
    """A field of the content; measurements one to a line."""
    if name.endswith("_at"):
        return local(value)
    if isinstance(value, list):
        return "\n".join(", ".join(f"{v}" for v in m.values() if v is not None) for m in value)
    return str(value)
