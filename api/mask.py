"""A patient with protected identity is shown by a mask, and never left out (promise 9)."""

from typing import Any

from api.house import Caller
from domain import stay_view
from domain.facts import Protection
from domain.summary import Care
from domain.unit import Unit
from domain.unit_change import may_administer
from domain.view import Known
from store.journeys import Person

MASKED = {
    "system": "masked",
    "value": "",
    "name": "Skyddad patient – ring avsändaren",
    "name_en": "Protected patient: call the sender",
}

NO_RECORDS: dict[str, Any] = {"contents": {}, "recorded_visits": [], "other_journeys": []}


def person(caller: Caller, who: Person) -> dict[str, str]:
    """The patient, for those who may see; for all others a mask."""
    if not caller.sees(who.protection):
        return MASKED
    return {"system": who.system, "value": who.value, "name": who.name}


def journey(caller: Caller, who: Person, view: dict[str, Any]) -> dict[str, Any]:
    """The journey without what was written; the view itself hides where the patient is."""
    if caller.sees(who.protection):
        return view
    sent = [wordless(one) for one in view["handovers"]]
    return view | NO_RECORDS | {"handovers": sent}


def answer(caller: Caller, protection: str, view: dict[str, Any]) -> dict[str, Any]:
    """An answer that was given before the patient was protected, as it is given again now."""
    if caller.sees(protection):
        return view
    if "care_contact" in view:
        return stay_view.masked(view) | {"protection": protection}
    if "care" not in view:
        return view
    blank = Care().model_dump(mode="json")
    kept = {name: view["care"].get(name) for name in ("messages", "read")}
    return view | {"protection": protection, "municipality": None, "care": blank | kept}


def protected(known: Known, who: Person) -> Known:
    """The journey with the protection that the patient has now, whichever journey recorded it."""
    line = known.summary.model_copy(update={"protection": Protection(who.protection)})
    return known.model_copy(update={"summary": line})


def handover(caller: Caller, who: Person, whole: dict[str, Any]) -> dict[str, Any]:
    """The handover with both sides' telephones, and nothing that was written."""
    if caller.sees(who.protection):
        return whole
    return wordless(whole) | {"content": {}, "thread": []}


def stay(caller: Caller, who: Person, view: dict[str, Any]) -> dict[str, Any]:
    """A hospital stay without where the patient lives, and without free text."""
    return view if caller.sees(who.protection) else stay_view.masked(view)


def wordless(view: dict[str, Any]) -> dict[str, Any]:
    """A view of a handover without its delay, whose reason may be told in free text."""
    return view | {"delay": None}


def unit(caller: Caller, facts: Unit) -> Unit:
    """The facts of a unit; whom protected patients are shown to is for who keeps them alone."""
    if may_administer(caller.actor, facts.organisation, caller.catalogue.units):
        return facts
    return facts.model_copy(update={"protected_group": ()})
