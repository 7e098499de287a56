"""Pathways that nobody wrote: mostly sensible definitions, shipped ones gone wrong, and cases."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import yaml
from hypothesis import strategies as st

from domain.calendar import Budget, Counting
from domain.content import Initiator
from domain.design.case import Case, Habit, Shut, Who
from domain.design.simulation import World
from domain.instrument import INSTRUMENTS
from domain.profession import Profession
from domain.unit import Closure, UnitKind
from tests.samples import ROOT, calendar, ladders, pathway, rules, units

Made = dict[str, Any]

WORLD = World(units(), calendar(), ladders(), rules())
SHIPPED = sorted(
    (p.parent.name, int(p.stem.removeprefix("v"))) for p in (ROOT / "pathways").glob("*/v*.yaml")
)
HEALTH = (
    "municipal_rehab",
    "hospital_rehab",
    "health_centre_rehab",
    "specialist_rehab_clinic",
    "stroke_unit",
    "inpatient_ward",
)
# Parts that nobody holds from the start, each with whoever may hold it.
LATER = {
    "home_help": ("home_help",),
    "home_health_care": ("home_health_care",),
    "social_assessment": ("care_assessment",),
}
FIELDS = ("maintenance_advice", "aids", "risks", "housing", "home_access", "weight_bearing")
KINDS = ("assessment", "plan", "intervention", "meeting", "handover", "follow_up")
REPEATABLE = ("assessment", "intervention", "meeting", "follow_up")
STARTS = datetime.fromisoformat("2026-06-15T09:00:00+02:00")
JULY = Shut(closure=Closure(first=date(2026, 7, 1), last=date(2026, 7, 31)))


class _WrittenOut(yaml.CSafeDumper):
    """The same list twice is written twice: the language has no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def written(definition: Any) -> str:
    """Data as a file."""
    return yaml.dump(
        definition, Dumper=_WrittenOut, sort_keys=False, allow_unicode=True, width=100_000
    )


def shipped(key: str = "generic-rehab", version: int = 2) -> Made:
    """A shipped pathway as data, with what stands in its file alone."""
    given = pathway(key, version).model_dump(mode="json", exclude_none=True, exclude_unset=True)
    assert isinstance(given, dict)
    return deepcopy(given)


def step_of(definition: Made, key: str) -> Made:
    """A step of it."""
    return next(s for s in definition["steps"] if s["key"] == key)


def deadline(amount: int, counting: str = "calendar_days") -> Made:
    """A deadline."""
    return {"budget": {"amount": amount, "counting": counting}, "source": "chosen"}


@st.composite
def times(draw: st.DrawFn, low: int = 1, high: int = 30, *counting: str) -> Made:
    """A deadline in some kind of time."""
    kind = draw(st.sampled_from(counting or tuple(str(c) for c in Counting)))
    amount = draw(st.integers(low, high)) * (8 if "hours" in kind else 1)
    return deadline(amount, kind)


def _compared(name: str, values: Sequence[str]) -> st.SearchStrategy[str]:
    ways = st.sampled_from(("<", "<=", "==", "!=", ">=", ">"))
    return st.builds(lambda way, value: f"{name} {way} {value}", ways, st.sampled_from(values))


def conditions() -> st.SearchStrategy[str]:
    """Conditions over every fact, joined in the ways of CEL."""
    one = st.one_of(
        st.sampled_from(("need", "!need", "left", "!left", "admitted", "need_level in ['high']")),
        _compared("age", ("-1", "7", "18", "65", "80")),
        _compared("visits", ("0", "1", "4")),
        _compared("goals", ("0", "1", "3")),
        _compared("period", ("1", "2")),
        _compared("initiator", ("'hospital'", "'patient'")),
        _compared("municipality", ("'1980'", "'1981'")),
        _compared("need_level", ("'none'", "'low'", "'high'")),
        _compared("scores['berg']", ("20.0", "45.0")),
        _compared("letters['katz']", ("'A'", "'D'")),
    )
    pair = st.builds(
        lambda a, how, b: f"({a}) {how} ({b})", one, st.sampled_from(("&&", "||")), one
    )
    return st.one_of(one, one, one, pair)


def waits() -> st.SearchStrategy[Made]:
    """What a step may wait for."""
    long = times(1, 30)
    return st.one_of(
        st.fixed_dictionaries({"until": st.just("discharge"), "at_most": long}),
        st.fixed_dictionaries(
            {"until": st.just("visits"), "visits": st.integers(1, 6), "at_most": long}
        ),
        st.fixed_dictionaries({"until": st.just("time"), "at_least": times(0, 20)}),
        st.fixed_dictionaries(
            {
                "until": st.just("age"),
                "age": st.sampled_from((18, 65, 75)),
                "before": times(0, 200, "calendar_days"),
            }
        ),
    )


def _few(values: Sequence[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


@st.composite
def _repeats(draw: st.DrawFn, keys: Sequence[str]) -> Made:
    again: Made = {"every": draw(times(5, 30, "calendar_days", "working_days", "hours"))}
    how = draw(st.sampled_from(("times", "until", "until", "ever")))
    if how == "times":
        again["times"] = draw(st.integers(2, 4))
    elif how == "until":
        again["until"] = draw(st.sampled_from(keys))
    return again


@st.composite
def _handover(draw: st.DrawFn, parts: Made) -> Made:
    purpose = draw(st.sampled_from(("take_over", "take_part", "carry_out", "inform")))
    step: Made = {"purpose": purpose, "part": draw(st.sampled_from(("coordination", "rehab")))}
    if purpose == "take_over":
        step |= {"hands": "coordination", "part": "coordination"}
        step["to"] = draw(st.lists(st.sampled_from(HEALTH), min_size=1, max_size=3, unique=True))
    elif draw(st.booleans()):
        step |= {"hands": "rehab", "part": "rehab"}
        able = parts["rehab"] or HEALTH
        step["to"] = draw(st.lists(st.sampled_from(able), min_size=1, max_size=3, unique=True))
    else:
        step["hands"] = draw(st.sampled_from(tuple(LATER)))
        step["to"] = list(LATER[step["hands"]])
    step |= {
        "acknowledge": draw(times(0, 2)),
        "accept": draw(times(1, 8)),
        "first_contact": draw(times(0, 8)),
        "same_municipality": draw(st.sampled_from((False, False, True))),
        "fields": draw(_few(FIELDS)),
        "instruments": draw(_few(tuple(INSTRUMENTS))),
    }
    return step


@st.composite
def _step(draw: st.DrawFn, number: int, kind: str, known: list[Made], parts: Made) -> Made:
    """A step after some of those before it, mostly of those that end."""
    able = [s["key"] for s in known if "repeat" not in s] or ["referral"]
    step: Made = {
        "key": f"{kind}_{number}",
        "kind": kind,
        "label": {"sv": f"Steg {number}", "en": f"Step {number}"},
        "part": draw(st.sampled_from(("coordination", "rehab", "rehab"))),
        "after": draw(st.lists(st.sampled_from(able[-6:]), min_size=1, max_size=3, unique=True)),
        "due": draw(times(1, 40)),
    }
    if kind == "handover":
        step |= draw(_handover(parts))
    if kind == "plan":
        step |= {"goals_min": draw(st.integers(0, 3)), "goals_max": draw(st.integers(3, 20))}
    if kind == "assessment":
        step["fields"] = draw(_few(("psychosocial_support", "comorbidity", "summary")))
    if kind == "meeting":
        step["preparation"] = [{"key": "status", "label": {"sv": "Läge", "en": "Status"}}]
    if kind in ("assessment", "intervention", "follow_up"):
        step["instruments"] = draw(_few(tuple(INSTRUMENTS)))
    step |= draw(_extras(number, kind, [s["key"] for s in known]))
    return step


def _often(draw: st.DrawFn, one_in: int) -> bool:
    return draw(st.integers(1, one_in)) == 1


@st.composite
def _extras(draw: st.DrawFn, number: int, kind: str, before: list[str]) -> Made:
    """What any step may have besides."""
    more: Made = {}
    if _often(draw, 4):
        more["when"] = draw(conditions())
    if _often(draw, 4):
        more["waits"] = draw(waits())
    if _often(draw, 6):
        more["limit"] = {"due": draw(times(40, 90)), "hard": draw(st.booleans())}
    if kind in REPEATABLE and _often(draw, 5):
        more["repeat"] = draw(_repeats([*before, "last"]))
    if _often(draw, 4):
        more["professions"] = draw(_few(tuple(str(p) for p in Profession), 11))
    if _often(draw, 6):
        more["ladder"] = draw(st.sampled_from(("step", "handover", "statutory", "alarm")))
    if _often(draw, 8):
        more["rule"] = draw(st.sampled_from(("sip", "payment_start", "hold")))
    more["obligation"] = draw(st.sampled_from(("expected", "expected", "mandatory", "optional")))
    return more


@st.composite
def definitions(draw: st.DrawFn, low: int = 5, high: int = 25) -> Made:
    """A definition that hangs together more often than not: every kind, in a directed order."""
    held = draw(st.lists(st.sampled_from(HEALTH), max_size=5, unique=True))
    kinds = ["assessment", "plan", "intervention"]
    kinds += draw(st.lists(st.sampled_from(KINDS), min_size=low - 4, max_size=high - 5))
    known = [_referral()]
    for number, kind in enumerate(draw(st.permutations(kinds))):
        known.append(draw(_step(number, kind, known, {"rehab": held})))
    given = shipped()
    given |= {"key": "made-up", "version": 1, "sources": [], "steps": known}
    given["parts"] = [
        {"key": "rehab", "label": _said("rehab"), "from_start": True, "held_by": held},
        *({"key": k, "label": _said(k), "held_by": list(by)} for k, by in LATER.items()),
    ]
    known.append(_last(draw, known))
    return given


def _said(key: str) -> Made:
    return {"sv": key, "en": key}


def _referral() -> Made:
    step = step_of(shipped(), "referral")
    return {**step, "part": "coordination"}


def _last(draw: st.DrawFn, known: list[Made]) -> Made:
    """A follow-up after everything that ends and that nothing else stands after."""
    followed = {key for s in known for key in s.get("after", ())}
    ends = [s["key"] for s in known if "repeat" not in s and s["key"] not in followed]
    step: Made = {
        "key": "last",
        "kind": "follow_up",
        "label": _said("last"),
        "part": "coordination",
        "after": ends,
        "due": draw(times(1, 60)),
    }
    if _often(draw, 12):
        step["when"] = draw(conditions())
    if _often(draw, 6):
        step["repeat"] = {"every": deadline(90)}
    return step


@st.composite
def gone_wrong(draw: st.DrawFn) -> Made:
    """A shipped definition with one to four things changed in it."""
    given = shipped(*draw(st.sampled_from(SHIPPED)))
    for _ in range(draw(st.integers(1, 4))):
        draw(st.sampled_from(_CHANGES))(draw, given)
    return given


def _keys(given: Made) -> list[str]:
    return [s["key"] for s in given["steps"] if "key" in s]


def _one(draw: st.DrawFn, given: Made) -> Made:
    found: Made = draw(st.sampled_from(given["steps"]))
    return found


def _drop(draw: st.DrawFn, given: Made) -> None:
    if len(given["steps"]) > 1:
        given["steps"].remove(_one(draw, given))


def _duplicate(draw: st.DrawFn, given: Made) -> None:
    again = deepcopy(_one(draw, given))
    again["key"] = draw(st.sampled_from((again["key"], f"{again['key'][:30]}_2")))
    given["steps"].insert(draw(st.integers(0, len(given["steps"]))), again)


def _rename(draw: st.DrawFn, given: Made) -> None:
    _one(draw, given)["key"] = "renamed"


def _rewire(draw: st.DrawFn, given: Made) -> None:
    _one(draw, given)["after"] = draw(_few(_keys(given) or ["none"], 3))


def _move(draw: st.DrawFn, given: Made) -> None:
    step = _one(draw, given)
    given["steps"].remove(step)
    given["steps"].insert(draw(st.integers(0, len(given["steps"]))), step)


def _kind(draw: st.DrawFn, given: Made) -> None:
    _one(draw, given)["kind"] = draw(st.sampled_from((*KINDS, "referral", "magic")))


def _part(draw: st.DrawFn, given: Made) -> None:
    _one(draw, given)["part"] = draw(st.sampled_from(("coordination", "rehab", "home_help")))


def _hands(draw: st.DrawFn, given: Made) -> None:
    found = [s for s in given["steps"] if s.get("kind") == "handover"]
    if found:
        step = draw(st.sampled_from(found))
        step |= {
            "to": draw(st.lists(st.sampled_from([str(k) for k in UnitKind]), max_size=3)),
            "purpose": draw(st.sampled_from(("take_over", "take_part", "carry_out", "inform"))),
            "same_municipality": draw(st.booleans()),
        }


def _deadline(draw: st.DrawFn, given: Made) -> None:
    name = draw(st.sampled_from(("due", "accept", "acknowledge", "first_contact")))
    _one(draw, given)[name] = draw(times(0, 400))


def _held(draw: st.DrawFn, given: Made) -> None:
    if given.get("parts"):
        part = draw(st.sampled_from(given["parts"]))
        part["held_by"] = draw(st.lists(st.sampled_from([str(k) for k in UnitKind]), max_size=3))


def _more(draw: st.DrawFn, given: Made) -> None:
    step = _one(draw, given)
    step |= draw(_extras(0, step.get("kind", ""), _keys(given)))


def _forget(draw: st.DrawFn, given: Made) -> None:
    step = _one(draw, given)
    step.pop(draw(st.sampled_from(sorted(step))))


_CHANGES = (
    _drop, _duplicate, _rename, _rewire, _rewire, _move, _kind, _part, _hands, _hands, _deadline,
    _deadline, _held, _more, _more, _more, _forget,
)  # fmt: skip


def _declining() -> st.SearchStrategy[tuple[Habit, ...]]:
    """One unit that says no to everything, or nobody."""
    no = st.builds(
        lambda unit: (Habit(who=Who(unit=unit), does="declines"),), st.sampled_from(sorted(units()))
    )
    slow = st.builds(
        lambda amount: (Habit(after=Budget(amount=amount, counting=Counting.WORKING_DAYS)),),
        st.integers(0, 20),
    )
    return st.one_of(st.just(()), no, slow)


def cases() -> st.SearchStrategy[Case]:
    """Patients who differ in all that a condition may ask for, and people who are not at work."""
    return st.builds(
        Case,
        starts_at=st.sampled_from((STARTS, datetime.fromisoformat("2026-10-05T09:00:00+02:00"))),
        days=st.just(3650),
        age=st.sampled_from((None, 0, 17, 64, 74, 80, 104)),
        initiator=st.sampled_from(tuple(Initiator)),
        municipality=st.sampled_from(("1980", "1980", "1981", None)),
        need=st.sampled_from((True, True, True, False)),
        need_level=st.sampled_from(("low", "moderate", "high")),
        scores=st.sampled_from(({}, {"berg": 10}, {"berg": 50, "katz": "F"})),
        leaves_after=st.sampled_from((0, 10, 10, 120, None)),
        visits=st.sampled_from((0, 1, 2, 8)),
        visit_every=st.sampled_from((1, 3, 7)),
        habits=_declining(),
        shut=st.sampled_from(((), (JULY,))),
        decisions=st.sampled_from(((), (), ("close",), ("new_period", "close"))),
    )
