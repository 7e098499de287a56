"""What does not hang together in a definition: every fault, with its place, in both languages."""

from collections.abc import Callable, Iterator

from domain.calendar import Counting
from domain.fault import Fault, Whole, of_step
from domain.handover_faults import cannot_be_met, held_parts, holders
from domain.instrument import INSTRUMENTS
from domain.part import COORDINATION
from domain.step_definition import InterventionStep, PlanStep, UntilAge, UntilVisits
from domain.value import Labels

MOST_STEPS = 500
WANTED = ("referral", "assessment", "plan", "intervention", "follow_up")
REPEATABLE = ("assessment", "intervention", "meeting", "follow_up")


def _number_of_steps(whole: Whole) -> Iterator[Fault]:
    if len(whole.steps) > MOST_STEPS:
        yield Fault(
            "too_many_steps",
            ("steps",),
            f"fler än {MOST_STEPS} steg",
            f"more than {MOST_STEPS} steps",
        )


def _keys(whole: Whole) -> Iterator[Fault]:
    seen = set[str]()
    said = set[str]()
    for place, step in whole.steps:
        if step.key in seen and step.key not in said:
            said.add(step.key)
            yield of_step(
                "key_twice",
                place,
                step,
                ("key",),
                "nyckeln används två gånger",
                "key is used twice",
            )
        seen.add(step.key)


def _parts(whole: Whole) -> Iterator[Fault]:
    seen, said = {COORDINATION}, set[str]()
    for place, part in enumerate(whole.parts):
        if part.key in seen and part.key not in said:
            said.add(part.key)
            yield Fault(
                "part_twice",
                ("parts", place, "key"),
                f"delen {part.key}: nyckeln används två gånger; samordning finns alltid",
                f"part {part.key}: key is used twice; coordination always exists",
            )
        seen.add(part.key)


def _labels(whole: Whole) -> Iterator[Fault]:
    for at, part in enumerate(whole.parts):
        if _is_blank(part.label):
            path, sv, en = ("parts", at, "label"), "saknar namn", "has no name"
            yield Fault("label_empty", path, f"delen {part.key}: {sv}", f"part {part.key}: {en}")
    for place, step in whole.steps:
        if _is_blank(step.label):
            yield of_step("label_empty", place, step, ("label",), "saknar namn", "has no name")


def _is_blank(label: Labels) -> bool:
    """Whether either language is without a word."""
    return not (label.sv.strip() and label.en.strip())


def _ranges(whole: Whole) -> Iterator[Fault]:
    for place, step in whole.steps:
        if isinstance(step, PlanStep) and step.goals_min > step.goals_max:
            yield of_step(
                "range_backwards",
                place,
                step,
                ("goals_min",),
                "fler mål minst än högst",
                "more goals at least than at most",
            )
        if isinstance(step, InterventionStep) and step.visits_per_week:
            low, high = step.visits_per_week
            if not 0 <= low <= high:
                yield of_step(
                    "range_backwards",
                    place,
                    step,
                    ("visits_per_week",),
                    "besök per vecka går från lägst till högst",
                    "visits per week run from low to high",
                )


def _order(whole: Whole) -> Iterator[Fault]:
    """A step may only stand after steps before it in the file; so there can be no circle."""
    seen = set[str]()
    endless = set[str]()
    for place, step in whole.steps:
        for at, key in enumerate(step.after):
            if key not in seen:
                yield of_step(
                    "after_unknown",
                    place,
                    step,
                    ("after", at),
                    f"efter {key}, som inte står före",
                    f"after {key}, which is not before",
                )
            if key in endless:
                yield of_step(
                    "unreachable",
                    place,
                    step,
                    ("after", at),
                    f"efter {key}, som återkommer utan att någonsin vara klart",
                    f"after {key}, which comes again and is never done",
                )
        seen.add(step.key)
        if step.repeat is not None:
            endless.add(step.key)


def _kinds(whole: Whole) -> Iterator[Fault]:
    """Generic model for rehabilitation: need, plan, intervention and follow-up (R-082)."""
    kinds = [step.kind for _, step in whole.steps]
    for kind in WANTED:
        if kind not in kinds:
            yield Fault(
                "kind_missing",
                ("steps",),
                f"inget steg av slaget {kind}",
                f"no step of kind {kind}",
            )
    first_is = not kinds or kinds[0] == "referral"
    if kinds.count("referral") > 1 or not first_is:
        yield Fault(
            "referral_first",
            ("steps",),
            "remissen är det första steget, och det enda av sitt slag",
            "the referral is the first step, and the only one of its kind",
        )


def _referral(whole: Whole) -> Iterator[Fault]:
    """The start of the journey has done it: nothing can hold it up."""
    for place, step in whole.steps:
        if step.kind != "referral":
            continue
        for name in ("when", "waits", "limit", "repeat"):
            if getattr(step, name) is not None:
                yield of_step(
                    "referral_is_done",
                    place,
                    step,
                    (name,),
                    f"remissen är klar när förloppet startar; {name} betyder inget",
                    f"the referral is done when the journey starts; {name} means nothing",
                )


def _instruments(whole: Whole) -> Iterator[Fault]:
    for place, step in whole.steps:
        for at, key in enumerate(getattr(step, "instruments", ())):
            if key not in INSTRUMENTS:
                yield of_step(
                    "instrument_unknown",
                    place,
                    step,
                    ("instruments", at),
                    f"okänt instrument {key}",
                    f"unknown instrument {key}",
                )


def _repeats(whole: Whole) -> Iterator[Fault]:
    keys = {step.key for _, step in whole.steps}
    for place, step in whole.steps:
        if step.repeat is None:
            continue
        if step.kind not in REPEATABLE:
            yield of_step(
                "not_repeatable",
                place,
                step,
                ("repeat",),
                f"ett steg av slaget {step.kind} upprepas inte",
                f"a step of kind {step.kind} is not repeated",
            )
        if step.repeat.every.budget.amount == 0:
            yield of_step(
                "repeat_without_pause",
                place,
                step,
                ("repeat", "every", "budget", "amount"),
                "upprepas utan tid emellan",
                "comes again without any time between",
            )
        until = step.repeat.until
        if until is not None and (until not in keys or until == step.key):
            yield of_step(
                "until_unknown",
                place,
                step,
                ("repeat", "until"),
                f"okänt steg {until}",
                f"unknown step {until}",
            )


def _waits(whole: Whole) -> Iterator[Fault]:
    before = _forerunners(whole)
    visited = {s.key for _, s in whole.steps if isinstance(s, InterventionStep)}
    for place, step in whole.steps:
        in_days = Counting.CALENDAR_DAYS
        if isinstance(step.waits, UntilAge) and step.waits.before.budget.counting is not in_days:
            yield of_step(
                "birthday_in_days",
                place,
                step,
                ("waits", "before", "budget", "counting"),
                "tid före en födelsedag räknas i kalenderdagar",
                "time before a birthday is counted in calendar days",
            )
        if isinstance(step.waits, UntilVisits) and not visited - before[step.key] - {step.key}:
            yield of_step(
                "never_begins",
                place,
                step,
                ("waits",),
                "väntar på besök, men inget genomförande pågår då",
                "waits for visits, but no intervention goes on then",
            )


def _forerunners(whole: Whole) -> dict[str, set[str]]:
    """Every step that has ended before a step may begin, and every one that waits for it."""
    before = dict[str, set[str]]()
    for _, step in whole.steps:
        mine = set(step.after)
        for key in step.after:
            mine |= before.get(key, set())
        before[step.key] = mine
    after = {key: {k for k, theirs in before.items() if key in theirs} for key in before}
    return {key: before[key] | after[key] for key in before}


_RULES: tuple[Callable[[Whole], Iterator[Fault]], ...] = (
    _number_of_steps,
    _keys,
    _parts,
    _labels,
    _ranges,
    _order,
    _kinds,
    _referral,
    held_parts,
    _instruments,
    _repeats,
    _waits,
    cannot_be_met,
    holders,
)


def faults(whole: Whole) -> list[Fault]:
    """Every fault, in the order of the rules."""
    return [fault for rule in _RULES for fault in rule(whole)]
