"""A bundle: several handovers at once, all or none, each with its own state."""

from domain import command as cmd
from domain.handover import DeclineReason
from domain.pathway import Purpose
from domain.profile import Profile
from domain.view import bundles
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, HEALTH_CENTRE, Case

COORDINATION = samples.send(
    to=HEALTH_CENTRE, part="coordination", purpose=Purpose.TAKE_OVER, handover_id="h-2"
)
HOME_HELP = samples.send(to=BOBS_HOME_HELP, part="home_help", handover_id="h-3")


def bundle(*sends: cmd.Send) -> cmd.SendBundle:
    """Several at once."""
    return cmd.SendBundle(bundle_id="b-1", sends=sends)


def sent() -> Case:
    """Three parts to three units."""
    case = Case()
    case.do(bundle(samples.send(), COORDINATION, HOME_HELP), ALICE)
    return case


def test_each_handover_of_a_bundle_has_its_own_clocks_and_profile() -> None:
    case = sent()

    profiles = [case.handover(f"h-{n}").profile for n in (1, 2, 3)]
    accepting = [c.subject for c in case.state.running() if c.kind == "accepted"]

    assert profiles == [Profile.HEALTH_CARE, Profile.HEALTH_CARE, Profile.SOCIAL_SERVICES]
    assert accepting == ["h-1", "h-2", "h-3"]


def test_a_declined_part_stays_with_the_sender_while_others_go() -> None:
    case = sent()

    case.accept()
    case.accept(by=HEALTH_CENTRE, handover_id="h-2")
    no = cmd.Decline(handover_id="h-3", reason=DeclineReason.NO_CAPACITY)
    case.do(no, BOBS_HOME_HELP)

    holders = {key: part.holder for key, part in case.state.parts.items()}
    assert holders == {"coordination": HEALTH_CENTRE, "rehab": BOB, "home_help": ALICE}
    seen = bundles(case.state.handovers.values())[0]
    assert (seen.taken_over, seen.declined, seen.waiting) == (2, 1, 0)


def test_one_that_is_refused_keeps_all_from_being_sent_and_is_named() -> None:
    case = Case()
    to_herself = samples.send(to=ALICE, handover_id="h-4", purpose=Purpose.INFORM)

    refused = case.refusal(bundle(samples.send(), to_herself), ALICE)

    assert refused.code == "receiver_is_sender"
    assert refused.fields[0].field == "items.1"
    assert not case.state.handovers


def test_a_part_is_not_sent_to_two_in_one_bundle() -> None:
    case = Case()
    twice = samples.send(to=HEALTH_CENTRE, handover_id="h-2")

    refused = case.refusal(bundle(samples.send(), twice), ALICE)

    assert refused.code == "part_in_handover"


def test_a_part_and_a_task_in_it_go_in_one_bundle() -> None:
    case = Case()
    task = samples.send(to=BOBS_HOME_HELP, purpose=Purpose.CARRY_OUT, handover_id="h-2")

    case.do(bundle(samples.send(), task), ALICE)

    assert [h.bundle for h in case.state.handovers.values()] == ["b-1", "b-1"]
