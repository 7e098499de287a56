"""The template of a handover, filled in from what is already written; a person looks it over."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.facts import Protection
from domain.part import STANDARD_PARTS
from domain.plan import PlanState
from domain.profile import MAY_HOLD, PROFILE_OF, SAYS_WHERE
from domain.unit import Unit
from domain.value import HsaId
from domain.view import Known

# What was true of the person at the last handover, and mostly is still.
CARRIES_OVER = (
    "what_matters",
    "patient_goals",
    "risks",
    "aids",
    "close_persons",
    "interpreter",
    "communication_aid",
    "decision_capacity",
    "representative",
    "guardians",
    "housing",
    "home_access",
    "weight_bearing",
    "diet_and_swallowing",
    "infection",
    "maintenance_advice",
    "work_capacity",
)


def prefill(
    known: Known,
    contents: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    receiver: Unit,
    units: Mapping[HsaId, Unit],
) -> dict[str, Any]:
    """Fields of the template that something is known about, within the receiver's profile.

    Goals come from the plan in the patient's own words, scores from the newest step that has
    each; what was said at the latest handover fills the rest.
    """
    filled: dict[str, Any] = {
        name: earlier[name] for name in CARRIES_OVER if earlier and earlier.get(name)
    }
    in_order = [contents[s.id] for s in _in_order(known) if s.id in contents]
    for content in in_order:
        filled |= _from_step(content)
    filled["responsible_so_far"] = _responsible(known, units)
    active = [p.number for p in known.summary.care.plans if p.state is PlanState.ACTIVE]
    if active:
        filled["plan_version"] = max(active)
    scores = _newest_scores(in_order)
    if scores:
        filled["measurements"] = scores
    return {k: v for k, v in filled.items() if k in _allowed(known, receiver)}


def _in_order(known: Known) -> list[Any]:
    return sorted(known.steps, key=lambda s: (s.period, s.place))


def _from_step(content: Mapping[str, Any]) -> dict[str, Any]:
    match content.get("kind"):
        case "referral":
            return _given(content, {"reason": "reason", "what_matters": "what_matters"})
        case "assessment":
            return _given(content, {"summary": "current_function"})
        case "plan":
            goals = "\n".join(goal["own_words"] for goal in content["goals"])
            return {"patient_goals": goals, "summary_evaluation": content["summary_assessment"]}
        case "intervention":
            return {"summary_evaluation": content["result"]}
        case _:
            return {}


def _given(content: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: content[theirs] for theirs, ours in names.items() if content.get(theirs)}


def _responsible(known: Known, units: Mapping[HsaId, Unit]) -> str:
    """Who has held what until now: item 2 of SOSFS 2005:27."""
    said = []
    for part in known.parts:
        label = STANDARD_PARTS[part.key].label.sv if part.key in STANDARD_PARTS else part.key
        unit = units.get(part.holder)
        said.append(f"{label}: {unit.name if unit else part.holder}")
    return "; ".join(said)


def _newest_scores(contents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    newest: dict[str, dict[str, Any]] = {}
    for content in contents:
        for measurement in content.get("measurements", ()):
            newest[measurement["instrument"]] = measurement
    return list(newest.values())


def _allowed(known: Known, receiver: Unit) -> tuple[str, ...]:
    allowed = MAY_HOLD[PROFILE_OF[receiver.sector]]
    if known.summary.protection is Protection.NONE:
        return allowed
    return tuple(name for name in allowed if name not in SAYS_WHERE)
