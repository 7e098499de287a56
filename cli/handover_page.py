"""How an inbox and a handover look on a terminal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cli import display
from cli.client import console
from cli.display import NOTHING, Names, local, patient_line, say, table, words
from domain.template import HandoverContent

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
            f"{patient_line(h['patient'])}\n{h['id']}",
            f"{words(h['part'])}, {words(h['state'])}\nfrom {units[h['from_unit']]}",
            _first_due(h),
        )
        for h in items
    ]
    table("Inbox", ("patient and handover", "what and whence", "next due"), rows)
    if not rows:
        say("The inbox is empty.")


def whole(handover: Fields, units: Names, now: datetime) -> None:
    """One handover, from who it is about to what may be done now."""
    _headline(handover, units)
    table("Content", ("field", "text"), _content(handover["content"]))
    thread = [(local(m["at"]), words(m["kind"]), m["text"]) for m in handover["thread"]]
    table("Questions", ("at", "what", "text"), thread)
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
        (side, c["function"], c["phone"], c["mail"])
        for side in ("sender", "receiver")
        for c in handover[side].get("contacts", ())
    ]
    table("Contacts", ("side", "function", "phone", "mail"), rows)


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


def _content(content: Fields) -> Iterator[tuple[str, str]]:
    """What was filled in, in the order of the template, which starts with the patient."""
    for name in HandoverContent.model_fields:
        if content.get(name) not in (None, []):
            yield words(name), _text(name, content[name])


def _text(name: str, value: Any) -> str:
    """A field of the content; measurements one to a line."""
    if name.endswith("_at"):
        return local(value)
    if name == "measurements":
        return "\n".join(f"{m['instrument']}: {_measured(m)}" for m in value)
    return str(value)


def _measured(measurement: Fields) -> str:
    """The score, or why there is none."""
    score = measurement.get("score")
    return measurement["not_possible"] if score is None else str(score)
