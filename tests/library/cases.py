"""One case for each shipped pathway: what is special in it happens, and is looked for."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget, Counting
from domain.clock import ClockKind
from domain.content import TeamMeeting
from domain.design.case import Case, Extra, Pace
from domain.design.simulation import Simulation
from domain.journey import StepState
from domain.plan import Plan
from tests.samples import things

WARD, STROKE = "SE0000000000-TESTRVMORTO1", "SE0000000000-TESTRVMSTROKE1"
HABILITATION, ADULTS = "SE0000000000-TESTRVMHAB", "SE0000000000-TESTRVMHABV"
IHR = "SE0000000000-TESTK1980IHR"


class Told(NamedTuple):
    """A case, and what must be seen in its story."""

    key: str
    case: Callable[[date], Case]
    seen: Callable[[Simulation], Any]
    version: int = 1


def days(amount: int) -> Budget:
    return Budget(amount=amount, counting=Counting.CALENDAR_DAYS)


def _plain(unit: str | None = None, **more: Any) -> Callable[[date], Case]:
    return lambda today: Case(unit=unit, **more)


def _states(played: Simulation, key: str) -> list[StepState]:
    return [s.state for s in played.state.steps.values() if s.key == key]


def three_months(today: date) -> Case:
    """Training goes on past three months: somebody decides, with a reason."""

    def more(after: int, until: int, reason: str) -> Extra:
        day = (today + timedelta(days=until)).isoformat()
        command = {"type": "extend_step", "step": "intervention", "until": day, "reason": reason}
        return Extra(after=days(after), command=command)

    return Case(
        unit=IHR,
        pace={"intervention": Pace(after=days(115))},
        extras=(more(40, 95, "Sjuk i två veckor."), more(102, 150, "Nära målet.")),
    )


def _decided_at_three_months(played: Simulation) -> None:
    (limit,) = (c for c in played.state.clocks.values() if c.kind is ClockKind.LIMIT)
    told = [r for r in things(played.log, ev.RungFired) if r.clock_id == limit.id]
    goals = [m.command for m in played.moves if isinstance(m.command, cmd.CompleteStep)]
    assert "due" in {r.rung for r in told}, "three months ask for a decision"
    reasons = [e.reason for e in things(played.log, ev.StepExtended)]
    assert reasons == ["Sjuk i två veckor.", "Nära målet."]
    assert [len(c.content.goals) for c in goals if isinstance(c.content, Plan)] == [2]


def _to_the_assessor_and_back(played: Simulation) -> None:
    sent = things(played.log, ev.HandoverSent)
    assert [(s.step, s.purpose.value) for s in sent] == [
        ("result_to_assessor", "inform"),
        ("coaching", "carry_out"),
        ("basis_to_assessor", "inform"),
    ]
    coaching = next(s for s in sent if s.step == "coaching")
    assert coaching.content.maintenance_advice, "how home help trains goes along"
    assert {s.to.municipality for s in sent} == {"1980"}


def _again_as_a_new_period(played: Simulation) -> None:
    assert [p.period for p in things(played.log, ev.PeriodStarted)] == [2]
    first = next(s for s in played.state.steps.values() if s.id == "1.assessment")
    assert first.ended_at is not None
    assert (first.ended_at - played.state.started_at) < timedelta(days=7), "within the week"
    assert _states(played, "intervention") == [StepState.DONE, StepState.DONE]


def _prepared_meetings(played: Simulation) -> None:
    done = things(played.log, ev.StepCompleted)
    held = [d.content for d in done if isinstance(d.content, TeamMeeting)]
    assert len(held) >= 5
    assert {tuple(h.prepared) for h in held} == {("goals", "status", "care", "plan")}
    assert [r.round for r in things(played.log, ev.StepRepeated) if r.step == "1.follow_up"] == [2]


def _met_at_home(played: Simulation) -> None:
    (left,) = (e for e in played.log if isinstance(e.what, ev.PatientLeft))
    met = next(
        e
        for e in played.log
        if isinstance(e.what, ev.StepCompleted) and e.what.step == "1.homecoming"
    )
    assert met.effective_at > left.effective_at
    done = next(d for d in things(played.log, ev.StepCompleted) if d.step == "1.homecoming")
    assert [str(p) for p in done.professions] == ["AT", "FT", "USK", "SSK"]


def _two_employers(played: Simulation) -> None:
    parts = {p.key: played.state.units[p.holder].principal for p in played.state.parts.values()}
    assert (parts["rehab"], parts["physiotherapy"]) == ("k1980", "region")
    sent = things(played.log, ev.HandoverSent)
    home_help = next(s for s in sent if s.step == "handover_home_help")
    assert home_help.content.maintenance_advice


def before_eighteen(today: date) -> Case:
    """A child of seventeen with two guardians; eighteen in two hundred and twenty days."""
    birthday = today + timedelta(days=220)
    guardians = [{"label": f"Vårdnadshavare {n}", "consents": True} for n in (1, 2)]
    facts = {"type": "record_guardians", "guardians": guardians}
    return Case(
        unit=HABILITATION,
        age=17,
        born=birthday.replace(year=birthday.year - 18, day=min(birthday.day, 28)),
        receivers={"handover_adult": ADULTS},
        decisions=("go_on", "go_on", "close"),
        extras=(Extra(after=Budget(amount=2, counting=Counting.HOURS), command=facts),),
    )


def _grown_up(played: Simulation) -> None:
    assert len(played.state.guardians) == 2
    taken = [e for e in played.log if isinstance(e.what, ev.HandoverTakenOver)]
    born = played.state.born
    assert born is not None and len(taken) == 1
    assert taken[0].effective_at.date() < born.replace(year=born.year + 18)
    assert played.state.parts["coordination"].holder == ADULTS


def _at_the_second_visit(played: Simulation) -> None:
    opened = {e.what.step: e.effective_at for e in played.log if isinstance(e.what, ev.StepOpened)}
    visits = [e for e in played.log if isinstance(e.what, ev.VisitRecorded)]
    assert opened["1.plan"] == visits[1].decided_at, "not before the second visit"
    assert played.state.deviations == 0
    assert len(things(played.log, ev.StepRepeated)) >= 2, "a meeting every week"


def _short_walk(played: Simulation) -> None:
    assert _states(played, "intervention") == [StepState.DONE]
    assert [r.step for r in things(played.log, ev.StepRepeated)] == ["1.follow_up"]


def _nothing_more(played: Simulation) -> None:
    assert played.state.close_reason


def _answered_before_home(played: Simulation) -> None:
    parts = {p.key: p.holder for p in played.state.parts.values()}
    assert parts["rehab"] != STROKE and parts["home_help"]


TALES: tuple[Told, ...] = (
    Told("generic-rehab", _plain(), _nothing_more),
    Told("generic-rehab", _plain(), _nothing_more, 2),
    Told("stroke-rehab", _plain(STROKE), _answered_before_home),
    Told("stroke-rehab", _plain(STROKE), _answered_before_home, 2),
    Told("eskilstuna-ihr", three_months, _decided_at_three_months),
    Told("ostersund-hemteam", _plain(), _to_the_assessor_and_back),
    Told("sorhaga-neuroteam", _plain(decisions=("new_period", "close")), _again_as_a_new_period),
    Told(
        "falkoping-sabo",
        _plain(decisions=("go_on", "close"), pace={"team_meeting": Pace(after=days(25))}),
        _prepared_meetings,
    ),
    Told("falkoping-trygg-hemgang", _plain(WARD, leaves_after=6), _met_at_home),
    Told("orebro-hemrehab", _plain(), _two_employers),
    Told("haninge-habilitering", before_eighteen, _grown_up),
    Told("vasterbotten-ortopedi", _plain(WARD, leaves_after=5), _at_the_second_visit),
    Told(
        "copd-follow-up",
        _plain(scores={"6mwt": 310}, decisions=("go_on", "close"), days=900),
        _short_walk,
    ),
)
