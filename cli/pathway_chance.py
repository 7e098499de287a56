"""A pathway played many times: how much becomes overdue, and the load of each unit."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.client import show_json
from cli.display import say, table
from cli.pathway_files import Language, Shelf, in_lang, write
from domain.calendar import Budget, Counting
from domain.design import chance_picture
from domain.design.case import Case
from domain.design.chance import Answering, Chances, Expected, Lognormal, Share, Times, expect
from domain.pathway import Definition
from domain.value import Labels


def _days(amount: int) -> Budget:
    return Budget(amount=amount, counting=Counting.WORKING_DAYS)


# Nothing is known of how units answer before they do: these are made up, and said to be.
MADE_UP = Chances(
    answers=(
        Answering(
            times=Times(takes=Lognormal(median=_days(1), p90=_days(3)), never=0.03, declines=0.05)
        ),
    )
)


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


ASSUMED = _words(
    "PÅHITTADE antaganden: varannan mottagare svarar inom en vardag, nio av tio inom tre; 3 % "
    "svarar aldrig, 5 % säger nej; allt annat sker i god tid. Egna: --chances FIL.",
    "MADE-UP assumptions: half of the receivers answer within a working day, nine of ten within "
    "three; 3 % never answer, 5 % say no; all else is done in good time. Your own: --chances FILE.",
)
OF_STEPS = _words("Steg som blir försenade", "Steps that become overdue")
OF_HANDOVERS = _words(
    "Överlämningar utan svar i tid, och med nej", "Handovers without an answer in time, and a no"
)
LOAD = _words("Belastning per enhet, för en patient", "Load per unit, for one patient")
STEP = (
    _words("steg", "step"),
    _words("andel", "share"),
    _words("95 % intervall", "95 % interval"),
    _words("antal", "count"),
)
HANDOVER = (
    _words("steg", "step"),
    _words("utan svar i tid", "no answer in time"),
    _words("95 % intervall", "95 % interval"),
    _words("nej", "a no"),
)
UNIT = (
    _words("enhet", "unit"),
    _words("överlämningar", "handovers"),
    _words("öppna steg åt gången", "steps open at a time"),
    _words("påminnelser", "reminders"),
)


def chances(shelf: Shelf, file: Path | None, case: Case | None, runs: int) -> Chances:
    """What varies: as a file says, else made up; a case that is named goes before the file's."""
    found = shelf.chances(file) if file else MADE_UP
    return found.model_copy(update={"runs": runs, "case": case or found.case})


def play(
    definition: Definition, found: Chances, seed: int, shelf: Shelf, picture: Path | None
) -> Expected:
    """Play every run, and draw what came of it, if wanted. Raises `NobodyCanStart`."""
    world = shelf.world(found.case.starts_at)
    expected = expect(definition, world, found, _luck(seed))
    if picture is not None:
        write(picture, chance_picture.draw(expected, definition, shelf.lang), shelf.lang)
    return expected


def tell(
    definition: Definition,
    expected: Expected,
    seed: int,
    shelf: Shelf,
    as_json: bool,
    assumed: bool,
) -> None:
    """Print it, for machines or for people; what was made up is said to be."""
    if as_json:
        show_json({"pathway": definition.name, "seed": seed, **expected.model_dump(mode="json")})
        return
    if assumed:
        say(in_lang(ASSUMED, shelf.lang), style="yellow")
    _tables(definition, expected, shelf.lang)
    _say_closed(expected, shelf.lang)


def _luck(seed: int) -> Iterator[float]:
    source = random.Random(seed)  # noqa: S311 - luck, not a secret
    while True:
        yield source.random()


def _tables(definition: Definition, found: Expected, lang: Language) -> None:
    labels = {step.key: in_lang(step.label, lang) for step in definition.steps}
    steps = [
        (labels[s.step], _percent(s.overdue), _interval(s.overdue), _of(s.overdue))
        for s in found.steps
    ]
    table(in_lang(OF_STEPS, lang), _heads(STEP, lang), steps)
    handovers = [
        (labels[h.step], _percent(h.unanswered), _interval(h.unanswered), _percent(h.declined))
        for h in found.handovers
    ]
    table(in_lang(OF_HANDOVERS, lang), _heads(HANDOVER, lang), handovers)
    load = [
        (u.name, f"{u.handovers:.2f}", f"{u.open_steps:.2f}", f"{u.reminders:.2f}")
        for u in found.units
    ]
    table(in_lang(LOAD, lang), _heads(UNIT, lang), load)


def _say_closed(found: Expected, lang: Language) -> None:
    closed = _words("avslutade", "closed")
    half = _words("hälften inom {} dagar, nio av tio inom {}", "half in {} days, nine of ten in {}")
    days = (found.days_median, found.days_p90)
    lasted = () if None in days else (in_lang(half, lang).format(*(f"{d:.0f}" for d in days if d)),)
    say(f"{in_lang(closed, lang)}: {_of(found.closed)}", *lasted, style="bold")


def _heads(labels: Iterable[Labels], lang: Language) -> list[str]:
    return [in_lang(label, lang) for label in labels]


def _percent(share: Share) -> str:
    return "–" if share.share is None else f"{share.share:.0%}"


def _interval(share: Share) -> str:
    return "–" if share.share is None else f"{share.low:.0%}–{share.high:.0%}"


def _of(share: Share) -> str:
    return f"{share.count}/{share.of}"
