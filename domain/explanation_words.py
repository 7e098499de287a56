"""How the reckoning of a clock is said: one sentence per line, in Swedish and in English.

Instants are those of the wall clock in Stockholm, with the second: some rules turn on it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from domain.calendar import Budget, Counting, Opening
from domain.clock import Clock, ClockKind
from domain.clock_words import WEEKDAYS, budget_words, when
from domain.explanation import Explanation, Line, StepKind
from domain.handover import Handover
from domain.journey import Journey
from domain.pathway import Deadline, Source
from domain.rulebook import Agreement, Began, Ends, Rule
from domain.rules.begin import deadline_now
from domain.rules.receiver import deadlines
from domain.rules.take_over import OF_STEPS
from domain.value import HsaId, Labels


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


SOURCES: Mapping[Source, Labels] = {
    Source.LAW: _words("lag", "law"),
    Source.NATIONAL: _words("nationellt", "national"),
    Source.DOCUMENT: _words("styrande dokument", "governing document"),
    Source.CHOSEN: _words("lokalt val", "local choice"),
}
BEGAN: Mapping[Began, Labels] = {
    Began.ADMISSION: _words("inskrivningen", "the admission"),
    Began.JUDGEMENT: _words("bedömningen", "the judgement"),
    Began.ADMISSION_NOTICE: _words("inskrivningsmeddelandet", "the admission notice"),
    Began.READY_NOTICE: _words("underrättelsen om utskrivningsklar", "the notice of readiness"),
    Began.SIP_NEED: _words("behovet av SIP", "the need of coordinated planning"),
    Began.DISCHARGE: _words("utskrivningen", "the discharge"),
    Began.DECISION: _words("beslutet", "the decision"),
}
ENDS: Mapping[str, Labels] = {
    Ends.EXACT: _words("", ""),
    Ends.DAY_BEGINS: _words(", till början av den dagen", ", to the beginning of that day"),
    Ends.DAY_ENDS: _words(", till slutet av den dagen", ", to the end of that day"),
}
HOURLY = (Counting.HOURS, Counting.OPENING_HOURS)
# Each reason for which a clock moves; those that only change its owner move no instant.
BECAUSE: Mapping[str, Labels] = {
    "question": _words("en fråga till avsändaren", "a question to the sender"),
    "answer": _words("mottagaren ska svara igen", "the receiver owes the answer again"),
    "proposal": _words("ett förslag till avsändaren", "a proposal to the sender"),
    "hold": _words("överlämningen vilar", "the handover is on hold"),
    "resume": _words("överlämningen återupptogs", "the handover was resumed"),
    "undo_death": _words("dödsfallet var fel infört", "the death was recorded by mistake"),
    "redirect": _words("skickad vidare", "passed on"),
    "take_over": _words("övertagen", "taken over"),
    "send": _words("skickad", "sent"),
    "estimate": _words("ny beräknad tid", "a new estimate"),
    "extend": _words("mer tid gavs", "more time was given"),
    "move": _words("flytt", "a move"),
    "opening": _words("nya öppettider", "other opening hours"),
    "migration": _words("ny version av förloppet", "another version of the pathway"),
    "again": _words("samma början, ny tid", "the same beginning, another due"),
}


class Known(NamedTuple):
    """What a reckoning is told with: the pathway's deadline if it goes by one, and names of units.

    `masked` hides with whom the municipality has agreed: that says where the patient lives.
    """

    deadline: Deadline | None
    names: Mapping[HsaId, str]
    masked: bool = False


def deadline_of(state: Journey, clock: Clock) -> Deadline | None:
    """What the pathway says of this promise; None when a rule says it, or we have chosen it."""
    if clock.rule is not None:
        return None
    handover = state.handovers.get(clock.subject)
    found = _of_step(state, clock) if handover is None else _of_handover(state, handover, clock)
    return found if found and found.budget == clock.budget else None


def _of_step(state: Journey, clock: Clock) -> Deadline | None:
    step = state.steps.get(clock.subject) if clock.kind in OF_STEPS else None
    definition = state.step_definition(step.key) if step else None
    if step is None or definition is None or clock.kind is ClockKind.OPENS:
        return None
    if clock.kind is ClockKind.LIMIT:
        return definition.limit.due if definition.limit else None
    return deadline_now(definition, step)


def _of_handover(state: Journey, handover: Handover, clock: Clock) -> Deadline | None:
    general, wanted = state.definition.handovers, deadlines(state, handover.step)
    by_kind = {
        ClockKind.RECEIVED: general.received,
        ClockKind.ACKNOWLEDGED: wanted.acknowledge,
        ClockKind.ACCEPTED: wanted.accept,
        ClockKind.ANSWER: general.answer,
        ClockKind.FIRST_CONTACT: wanted.first_contact,
    }
    if clock.ladder == "discharge":
        by_kind[ClockKind.TAKE_OVER] = general.discharge
    return by_kind.get(clock.kind)


def sentences(told: Explanation, known: Known) -> tuple[Labels, ...]:
    """Every line of the reckoning, in order; the last one says what came of it."""
    return tuple(_all(told, known))


def _all(told: Explanation, known: Known) -> Iterator[Labels]:
    first, *rest = told.lines
    yield LINES[first.kind](first, told)
    yield from _law(told, known)
    yield _words(
        f"Kalender: {told.calendar_version}, tid i Sverige.",
        f"Calendar: {told.calendar_version}, time in Sweden.",
    )
    if told.opening is not None:
        yield _opening(told.opening, known.names)
    yield from (LINES[line.kind](line, told) for line in rest)
    if not told.agrees:
        yield _disagreement(told)


def _law(told: Explanation, known: Known) -> Iterator[Labels]:
    """Rule, agreement, or the pathway's deadline; what neither gives is a local choice."""
    if told.rule is not None:
        yield _rule(told.rule)
        yield from _note(told.rule.note)
    elif known.deadline is not None:
        yield from _of_pathway(told.pathway, known.deadline)
    else:
        amount = budget_words(told.budget.amount, told.budget.counting)
        yield _words(f"Tidsgräns: lokalt val, {amount.sv}.", f"Limit: local choice, {amount.en}.")
    if told.agreement is not None:
        yield _agreement(told.agreement, known.masked)


def _rule(rule: Rule) -> Labels:
    reference = f", {rule.reference}" if rule.reference else ""
    source = SOURCES[rule.source]
    return _words(
        f"Regel: {rule.label.sv}{reference}, {source.sv}, version {rule.version}.",
        f"Rule: {rule.label.en}{reference}, {source.en}, version {rule.version}.",
    )


def _note(note: Labels | None) -> Iterator[Labels]:
    if note is not None:
        yield _words(f"Tolkning: {note.sv}", f"Reading: {note.en}")


def _of_pathway(pathway: str, deadline: Deadline) -> Iterator[Labels]:
    """The note is the pathway's own, in the language in which it was written."""
    amount = budget_words(deadline.budget.amount, deadline.budget.counting)
    source = SOURCES[deadline.source]
    yield _words(
        f"Tidsgräns: {amount.sv} enligt förloppet {pathway}, {source.sv}.",
        f"Limit: {amount.en} by the pathway {pathway}, {source.en}.",
    )
    if deadline.note:
        yield _words(f"Förloppets not: {deadline.note}", f"Note of the pathway: {deadline.note}")


def _agreement(agreed: Agreement, masked: bool) -> Labels:
    if masked:
        return _words(
            "En överenskommelse gäller; vilken visas inte för en skyddad patient.",
            "An agreement holds; which one is not shown of a protected patient.",
        )
    return _words(
        f"Överenskommelse: {agreed.reference} ({agreed.key}).",
        f"Agreement: {agreed.reference} ({agreed.key}).",
    )


def _opening(opening: Opening, names: Mapping[HsaId, str]) -> Labels:
    """The hours of the unit that owes it, and when it is closed for a period."""
    name = names.get(opening.unit, opening.unit)
    hours = [(WEEKDAYS[h.day], f"{h.opens:%H:%M}–{h.closes:%H:%M}") for h in opening.hours]
    shut = [f"{c.first}–{c.last}" for c in opening.closures]
    sv = ", ".join(f"{day.sv} {span}" for day, span in hours) or "dygnet runt"
    en = ", ".join(f"{day.en} {span}" for day, span in hours) or "round the clock"
    return _words(
        f"Öppettider för {name}, version {opening.version}: {sv}"
        f"{'; stängt ' + ', '.join(shut) if shut else ''}.",
        f"Opening hours of {name}, version {opening.version}: {en}"
        f"{'; closed ' + ', '.join(shut) if shut else ''}.",
    )


def _disagreement(told: Explanation) -> Labels:
    due, stored = when(told.due_at), when(told.stored_due_at)
    return _words(
        f"OBS: klockan har {stored.sv}, men uträkningen ger {due.sv}. Det är ett fel hos oss.",
        f"NOTE: the clock has {stored.en}, but the reckoning gives {due.en}. The fault is ours.",
    )


def _spent(seconds: int, budget: Budget) -> Labels:
    """Time that has passed along the clock's own kind of time; a day of its kind is 24 hours."""
    by_day = budget.counting in (Counting.CALENDAR_DAYS, Counting.WORKING_DAYS)
    days, rest = divmod(seconds, 86_400) if by_day else (0, seconds)
    text = f"{rest // 3600}:{rest % 3600 // 60:02}:{rest % 60:02}"
    if not days:
        return _words(text, text)
    whole = budget_words(days, budget.counting)
    return _words(f"{whole.sv} {text}", f"{whole.en} {text}")


def _started(line: Line, _: Explanation) -> Labels:
    at = when(line.at)
    return _words(f"Börjar: händelse {line.seq}, {at.sv}.", f"Begins: event {line.seq}, {at.en}.")


def _counts_from(line: Line, _: Explanation) -> Labels:
    at = when(line.at)
    return _words(f"Räknas från {at.sv}.", f"Counts from {at.en}.")


def _cutoff(line: Line, told: Explanation) -> Labels:
    """The agreement's time of day, or the rule's."""
    agreed = told.agreement.cutoff if told.agreement else None
    cutoff = agreed or (told.rule.cutoff if told.rule else None)
    assert cutoff is not None, "what was later than a cut-off has one"
    days = budget_words(line.amount or 0, told.budget.counting)
    return _words(
        f"Efter klockan {cutoff.at:%H:%M:%S}: {days.sv} till.",
        f"After {cutoff.at:%H:%M:%S}: {days.en} more.",
    )


def _budget(line: Line, told: Explanation) -> Labels:
    counting, at, due = line.counting or told.budget.counting, when(line.at), _due_of(line)
    if not line.amount and counting in HOURLY:
        return _words(f"Inget läggs till: {due.sv}.", f"Nothing is added: {due.en}.")
    amount = budget_words(line.amount or 0, counting)
    ends = ENDS.get(line.because or Ends.EXACT, ENDS[Ends.EXACT])
    return _words(
        f"Räknat {amount.sv} från {at.sv}{ends.sv}: {due.sv}.",
        f"Counted {amount.en} from {at.en}{ends.en}: {due.en}.",
    )


def _shortened(line: Line, _: Explanation) -> Labels:
    due = _due_of(line)
    return _words(
        f"Till en tidpunkt som redan gällde eller var avtalad: {due.sv}.",
        f"Until an instant that held already, or was agreed: {due.en}.",
    )


def _before(line: Line, _: Explanation) -> Labels:
    event, due = BEGAN[Began(line.because or Began.DECISION)], _due_of(line)
    return _words(f"Före {event.sv}: {due.sv}.", f"Before {event.en}: {due.en}.")


def _paused(line: Line, told: Explanation) -> Labels:
    at, spent = when(line.at), _spent(line.seconds or 0, told.budget)
    why = BECAUSE[line.because or "hold"]
    return _words(
        f"Stannar {at.sv} (händelse {line.seq}): {why.sv}; {spent.sv} har gått.",
        f"Pauses {at.en} (event {line.seq}): {why.en}; {spent.en} have passed.",
    )


def _resumed(line: Line, _: Explanation) -> Labels:
    at, due, why = when(line.at), _due_of(line), BECAUSE[line.because or "resume"]
    return _words(
        f"Går vidare {at.sv} (händelse {line.seq}): {why.sv}; nu till {due.sv}.",
        f"Goes on {at.en} (event {line.seq}): {why.en}; now until {due.en}.",
    )


def _extended(line: Line, _: Explanation) -> Labels:
    at, due = when(line.at), _due_of(line)
    return _words(
        f"Mer tid gavs {at.sv} (händelse {line.seq}): till {due.sv}.",
        f"More time was given {at.en} (event {line.seq}): until {due.en}.",
    )


def _migrated(line: Line, _: Explanation) -> Labels:
    at, due = when(line.at), _due_of(line)
    length = budget_words(line.amount or 0, line.counting or Counting.HOURS)
    return _words(
        f"Ny version av förloppet {at.sv} (händelse {line.seq}): {length.sv} från starten, "
        f"till {due.sv}.",
        f"Another version of the pathway {at.en} (event {line.seq}): {length.en} from the start, "
        f"until {due.en}.",
    )


def _reprojected(line: Line, _: Explanation) -> Labels:
    at, due = when(line.at), _due_of(line)
    return _words(
        f"Räknad om efter nya öppettider {at.sv} (händelse {line.seq}): till {due.sv}.",
        f"Counted anew by other opening hours {at.en} (event {line.seq}): until {due.en}.",
    )


def _due(line: Line, _: Explanation) -> Labels:
    due = _due_of(line)
    return _words(f"Klar senast {due.sv}.", f"Due {due.en}.")


def _due_of(line: Line) -> Labels:
    return when(line.due_at or line.at)


LINES: Mapping[StepKind, Callable[[Line, Explanation], Labels]] = {
    StepKind.STARTED: _started,
    StepKind.COUNTS_FROM: _counts_from,
    StepKind.CUTOFF: _cutoff,
    StepKind.BUDGET: _budget,
    StepKind.SHORTENED: _shortened,
    StepKind.BEFORE: _before,
    StepKind.PAUSED: _paused,
    StepKind.RESUMED: _resumed,
    StepKind.EXTENDED: _extended,
    StepKind.REPROJECTED: _reprojected,
    StepKind.MIGRATED: _migrated,
    StepKind.DUE: _due,
}
