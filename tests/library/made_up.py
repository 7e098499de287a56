"""Definitions made up by a seeded chance, as varied as the language, that can be lived by."""

from random import Random
from typing import Any

from domain.pathway import Definition
from tests.samples import pathway

CONDITIONS = ("need", "age >= 80", "goals > 1", "initiator == 'hospital'", "scores['berg'] < 40.0")
COUNTINGS = ("hours", "calendar_days", "working_days", "opening_hours")


def made_up(seed: int, steps: int = 6) -> Definition:
    """The same seed, the same definition: the generic model with steps of every kind added."""
    chance = Random(seed)
    given = pathway("generic-rehab").model_dump(mode="json")
    given |= {"key": f"made-up-{seed}", "version": 1}
    kept = [s for s in given["steps"] if s["kind"] != "handover"]
    for number in range(steps):
        kept.insert(-1, _step(chance, number, kept))
    kept[-1]["after"] = ["intervention"]
    given["steps"] = kept
    return Definition.model_validate(given)


def _step(chance: Random, number: int, known: list[dict[str, Any]]) -> dict[str, Any]:
    kind = chance.choice(("meeting", "intervention", "assessment", "meeting", "plan"))
    able = [s["key"] for s in known if "repeat" not in s or s["repeat"] is None]
    able = [key for key in able if key != "follow_up"]
    after = sorted(chance.sample(able, min(len(able), chance.randint(1, 2))))
    step: dict[str, Any] = {
        "key": f"more_{number}",
        "kind": kind,
        "label": {"sv": f"Mer {number}", "en": f"More {number}"},
        "part": "rehab",
        "after": after,
        "due": _time(chance, 2, 20),
    }
    if chance.random() < 0.35:
        step["when"] = chance.choice(CONDITIONS)
    if chance.random() < 0.35:
        step["waits"] = {
            "until": "time",
            "at_least": _time(chance, 1, 5, chance.choice(COUNTINGS[:3])),
        }
    if kind == "meeting" and chance.random() < 0.6:
        step["repeat"] = {"every": _time(chance, 6, 12, "calendar_days"), "until": "intervention"}
    if chance.random() < 0.3:
        step["limit"] = {"due": _time(chance, 90, 120, "calendar_days")}
    if chance.random() < 0.3:
        step["obligation"] = chance.choice(("mandatory", "optional"))
    return step


def _time(chance: Random, low: int, high: int, counting: str | None = None) -> dict[str, Any]:
    counting = counting or chance.choice(COUNTINGS)
    amount = chance.randint(low, high) * (6 if "hours" in counting else 1)
    return {"budget": {"amount": amount, "counting": counting}, "source": "chosen"}
