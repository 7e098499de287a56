"""What a stay's view offers is true: `decide` takes each, and refuses what is not there."""

from datetime import datetime, timedelta

from domain import command as cmd
from domain.decide import decide
from domain.journey import Actor, Journey, Role
from domain.refusal import Refusal
from domain.stay import Effort, Episode, RegionCare
from domain.stay_view import Around, StayView, masked, stay_view
from domain.view import seer
from tests import samples
from tests.samples import BOB, CHARLIE, HEALTH_CENTRE

# The same is said by the ward and by who was told, on two paths.
REGION_CARE = {"stay/region-care", "region-care"}


def stay_offers_are_true(state: Journey, stay: Episode, now: datetime) -> None:
    """Every action, for the ward, each unit that was told, and one that was not."""
    for unit in dict.fromkeys((stay.unit, *stay.notified, CHARLIE)):
        actor = Actor(subject="u-9", unit=unit, roles=(Role.COORDINATOR,))
        looks = seer(actor, state.units, now)
        view = view_of(state, stay, (unit, *looks.stands_in_for))
        assert masked(view.model_dump(mode="json"))["municipality"] is None
        offered = set(view.available_actions)
        if unit == CHARLIE:
            assert offered == set()
        taken = {
            name
            for name, command in well_formed(state, stay, now).items()
            if is_taken(state, command, actor, now)
        }
        assert offered - REGION_CARE == taken - REGION_CARE, unit
        assert bool(offered & REGION_CARE) == bool(taken & REGION_CARE), unit


def view_of(state: Journey, stay: Episode, acts: tuple[str, ...]) -> StayView:
    """The newest stay of a state, as some units see it."""
    around = Around(
        journey_id=state.id,
        seq=state.seq,
        stay=stay,
        newest=True,
        municipality=state.municipality,
        protection=state.protection,
        sip=state.sip,
        deceased_at=state.deceased_at,
        closed=not state.open,
        clocks=tuple(state.clocks.values()),
    )
    return stay_view(around, state.units, acts)


def is_taken(state: Journey, command: cmd.Command, actor: Actor, now: datetime) -> bool:
    """A no to whom the notice goes to is no no to sending one."""
    envelope = samples.envelope(command, actor.unit, actor=actor)
    decided = decide(state, envelope, now)
    return not isinstance(decided, Refusal) or decided.code == "content_invalid"


def well_formed(state: Journey, stay: Episode, now: datetime) -> dict[str, cmd.Command]:
    """One command of each action that nothing but the stay could refuse."""
    other = tuple(e for e in Effort if e not in stay.efforts) or (Effort.SOCIAL_SERVICES,)
    to = tuple(state.units.get(u) or samples.unit(u) for u in (BOB, HEALTH_CENTRE))
    later, here = now + timedelta(days=2), RegionCare.AVAILABLE
    return {
        "stay/judgement": cmd.JudgeAftercare(at=now, efforts=other),
        "stay/notice": cmd.SendAdmissionNotice(to=to, estimated_at=later, by_hand=True),
        "stay/estimate": cmd.EstimateDischarge(estimated_at=later),
        "stay/ready/withdraw": cmd.WithdrawReady(at=now, reason="Feber."),
        "stay/information": cmd.GiveInformation(at=now, to="units"),
        "stay/region-care": cmd.StateRegionCare(region_care=here),
        "planning": cmd.StartPlanning(stay=stay.number),
        "care-contact": cmd.NameCareContact(
            stay=stay.number, function="Sjuksköterska", phone="021-12345"
        ),
        "region-care": cmd.StateRegionCare(stay=stay.number, region_care=here),
    }
