"""Whether a pathway can be lived by: conditions that tell, ladders and rules that exist, receivers,
and somebody who can begin, go on and come to the end.
"""

from collections.abc import Iterator

from domain.condition import NotACondition
from domain.design.case import Case
from domain.design.conditions import verdict
from domain.design.simulation import NobodyCanStart, World, can_start, simulate
from domain.fault import Fault, Path, of_step
from domain.pathway import Definition, HandoverStep
from domain.rules.receiver import may_hold
from domain.step_definition import StepDefinition

SAID = {
    "never": ("dead_condition", "villkoret kan aldrig gälla", "the condition can never hold"),
    "always": (
        "condition_without_effect",
        "villkoret gäller alltid",
        "the condition always holds",
    ),
}


def faults_of_living(definition: Definition, world: World | None) -> list[Fault]:
    """Every fault of conditions; and, where the world is known, of what it lacks."""
    found = [f for place, s in enumerate(definition.steps) for f in _condition(place, s)]
    found += _decision(definition)
    if world is None:
        return found
    for place, step in enumerate(definition.steps):
        found += _names(place, step, world)
        if isinstance(step, HandoverStep):
            found += _receivers(place, step, definition, world)
    found += _starters(definition, world)
    return found or list(_end(definition, world))


def _condition(place: int, step: StepDefinition) -> Iterator[Fault]:
    if step.when is None:
        return
    try:
        judged = verdict(step.when)
    except NotACondition as no:
        yield of_step(
            "condition_invalid",
            place,
            step,
            ("when",),
            f"villkoret kan inte läsas: {no}",
            f"the condition cannot be read: {no}",
        )._replace(offset=no.column - 1)
        return
    if judged in SAID:
        code, sv, en = SAID[judged]
        yield of_step(code, place, step, ("when",), sv, en)


def _decision(definition: Definition) -> Iterator[Fault]:
    """A follow-up comes whatever the conditions say: nothing else closes a journey."""
    follow_ups = [(n, s) for n, s in enumerate(definition.steps) if s.kind == "follow_up"]
    if all(step.when is not None for _, step in follow_ups):
        place, step = follow_ups[-1]
        sv = "varje uppföljning har ett villkor; gäller inget av dem beslutar ingen hur det slutar"
        en = "every follow-up has a condition; where none holds, nobody decides how it ends"
        yield of_step("nobody_decides", place, step, ("when",), sv, en)


def _names(place: int, step: StepDefinition, world: World) -> Iterator[Fault]:
    ladders = {ladder.key for ladder in world.ladders.ladders if ladder.rungs}
    if step.ladder is not None and step.ladder not in ladders:
        sv = f"okänd stege {step.ladder}, eller en som inte säger något till någon"
        en = f"unknown ladder {step.ladder}, or one that tells nobody"
        yield of_step("ladder_unknown", place, step, ("ladder",), sv, en)
    rules = {rule.key for rule in world.rules.rules} if world.rules else set[str]()
    if step.rule is not None and step.rule not in rules:
        sv, en = f"okänd regel {step.rule}", f"unknown rule {step.rule}"
        yield of_step("rule_unknown", place, step, ("rule",), sv, en)


def _receivers(
    place: int, step: HandoverStep, definition: Definition, world: World
) -> Iterator[Fault]:
    """Somebody who could answer, and is not the one who sends alone."""
    able = [
        unit
        for unit in world.units.values()
        if unit.kind in step.to and unit.successor is None and unit.contacts
        if not step.purpose.moves or may_hold(definition, unit, step.hands)
    ]
    if not able:
        kinds = ", ".join(step.to)
        sv, en = f"ingen enhet är {kinds}", f"no unit is {kinds}"
        yield of_step("receiver_missing", place, step, ("to",), sv, en)


def _starters(definition: Definition, world: World) -> Iterator[Fault]:
    if not any(can_start(definition, unit) for unit in world.units.values()):
        yield Fault(
            "nobody_can_begin",
            ("parts",),
            "ingen enhet får hålla alla delar från start",
            "no unit may hold every part from the start",
        )


def _end(definition: Definition, world: World) -> Iterator[Fault]:
    """A plain case, played to its end: nobody is refused, and nothing stands still."""
    try:
        played = simulate(definition, world, Case(days=3650), reminders=False)
    except NobodyCanStart as no:
        sv, en = f"förloppet kan inte startas: {no}", f"the journey cannot be started: {no}"
        yield Fault("cannot_start", ("steps", 0), sv, en)
        return
    for move in played.moves:
        if move.refused:
            path = _step_of(definition, getattr(move.command, "step", None))
            sv = f"ett vanligt ärende stoppas: {move.command.type} ger {move.refused}"
            en = f"a plain case is stopped: {move.command.type} gives {move.refused}"
            yield Fault("cannot_go_on", path, sv, en)
    if played.ended != "closed":
        waiting = [s.key for s in played.state.steps.values() if s.ended_at is None]
        left_sv = f"kvar: {', '.join(waiting)}" if waiting else "ingen uppföljning avslutar det"
        left_en = f"left: {', '.join(waiting)}" if waiting else "no follow-up closes it"
        sv = f"ett vanligt ärende kommer aldrig till slut; {left_sv}"
        en = f"a plain case never comes to an end; {left_en}"
        yield Fault("never_ends", ("steps",), sv, en)


def _step_of(definition: Definition, key: str | None) -> Path:
    places = (n for n, s in enumerate(definition.steps) if s.key == key)
    found = next(places, None)
    return ("steps",) if found is None else ("steps", found)
