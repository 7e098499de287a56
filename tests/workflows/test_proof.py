"""The nightly proof: a closure that nobody covers is told to the pathway's owner, once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from activities.proof import ProofActivities
from channels.owners import OwnerMail
from domain.design.coverage import Acceptance, Coverage, Gap
from domain.design.proof import InForce, coverage_of
from domain.design.publication import Published, Scope
from domain.design.simulation import World
from domain.notice import TransportFailed
from tests.samples import BOB, calendar, ladders, pathway, rules, unit, units
from tests.world import World as House
from tests.world import until
from workflows.proof import ProofWorkflow

OWNER = "owner@example.invalid"
SCOPE = Scope(municipalities=("1980",))


class Book:
    """A book that remembers the newest proof."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: Coverage | None = None
        self.accepted: tuple[Acceptance, ...] = ()

    async def in_force(self) -> tuple[World, list[InForce]]:
        """One version."""
        one = Published(definition=pathway(), valid_from=date(2026, 1, 1), scope=SCOPE)
        return self.world, [InForce(one, self.kept, self.accepted, (OWNER,))]

    async def keep(self, published: Published, coverage: Coverage, at: datetime) -> None:
        """Remember it."""
        self.kept = coverage


class Owner:
    """An owner who remembers what was told; away at first, if so wished."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.told: list[int] = []

    async def __call__(
        self, at: datetime, pathway: str, mails: Sequence[str], gaps: Sequence[Gap]
    ) -> None:
        """Take it, or be away."""
        if self.away:
            self.away -= 1
            raise TransportFailed("smtp_450", permanent=False)
        self.told.append(len(gaps))


def silent() -> World:
    """Bob's unit reaches nobody: no system, and nobody with an address."""
    known = {i: u for i, u in units().items() if u.municipality in (None, "1980")}
    contacts = tuple(c.model_copy(update={"mail": None}) for c in known[BOB].contacts)
    return World(
        known | {BOB: unit(BOB, connected=False, contacts=contacts)},
        calendar(),
        ladders(),
        rules(),
    )


async def test_a_new_gap_is_told_once_and_what_could_not_be_told_is_told_tomorrow() -> None:
    book, owner = Book(silent()), Owner(away=1)
    proving = ProofActivities(book, owner)

    away = await proving.prove_again()
    told = await proving.prove_again()
    again = await proving.prove_again()

    assert (away.untold, away.new_gaps) == (1, 0)
    assert told.new_gaps == owner.told[0] > 0
    assert (again.new_gaps, len(owner.told)) == (0, 1)


async def test_what_somebody_has_accepted_is_no_news() -> None:
    world = silent()
    book, owner = Book(world), Owner()
    found = coverage_of(pathway(), world, SCOPE, datetime.now(UTC))
    at = datetime.now(UTC)
    book.accepted = tuple(
        Acceptance(gap=g, by="designer-1", reason="Telefon finns.", at=at) for g in found.gaps
    )

    proved = await ProofActivities(book, owner).prove_again()

    assert found.gaps
    assert (proved.new_gaps, owner.told) == (0, [])


def test_the_mail_says_when_and_between_whom_and_nothing_of_patients() -> None:
    async def post(message: object) -> None:
        """Nothing is sent."""

    found = coverage_of(pathway(), silent(), SCOPE, datetime.now(UTC))
    message = OwnerMail(post, "handslag@example.invalid").compose(
        datetime.now(UTC), "stroke-rehab@1", (OWNER,), found.gaps
    )

    text = message.get_content()
    assert message["To"] == OWNER
    assert (BOB in text and "nobody_holds_function" in text) or "not_connected" in text
    assert "Inga patientuppgifter" in text


async def test_the_schedule_is_there_and_a_night_proves_what_is_published(world: House) -> None:
    schedule = world.client.get_schedule_handle("proof")
    described = await schedule.describe()
    queue = world.servers.config.temporal_task_queue

    proved = await world.client.execute_workflow(
        ProofWorkflow.run,
        id="proof-by-hand",
        task_queue=queue,
        execution_timeout=timedelta(minutes=4),
    )

    assert described.schedule.spec.time_zone_name == "Europe/Stockholm"
    assert proved.versions >= 2
    rows = await until(lambda: world.rows("SELECT key FROM coverage_proof"))
    assert "stroke-rehab" in {row["key"] for row in rows}
