"""Every command of the API, with everything that can be wrong: a coded no, and nothing changed.

What can be wrong with a body is read from its description (`wrong_bodies`); what the description
cannot say stands in the table. A command without a row fails the first test.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from api.app import build
from tests.api import calls
from tests.api.wrong_bodies import PERSON, PERSONLIKE_UNIT, Described, changed
from tests.samples import ROOT
from tests.stories import journeys as tale
from tests.world import Caller, Json, World

DESCRIPTION: Json = build().openapi()
BODIES = Described(DESCRIPTION)
KEEPER, OTHER_KEEPER = "vasteras-catalogue", "sala-catalogue"
JOURNEY, HANDOVER, DELIVERY = "journey_unknown", "handover_unknown", "delivery_unknown"
STAY = "stay_unknown"
CLOCK = "clock_unknown"
DESIGNERS = "role_not_enough"
NO_UNIT = "SE0000000000-NOWHERE"


class Row(NamedTuple):
    """Who gives the command, and what the description does not say about it.

    `stranger` is the code that an outsider gets; `stale` the one of an old `If-Match`. Either is
    None where the call is judged item by item, or is about no version: the reason stands beside.
    """

    stranger: str | None
    stale: str | None = "sequence_stale"
    by: str = tale.SENDER
    outsider: str = tale.OUTSIDER
    no_unit: tuple[str, ...] = ("unit_unknown",)


def _of_journeys(*paths: str) -> dict[str, Row]:
    return {f"post /journeys/{{journey_id}}/{path}": Row(JOURNEY) for path in paths}


def _of_stays(*names: str) -> dict[str, Row]:
    path = "post /stays/{journey_id}/{number}"
    return {f"{path}/{name}": Row(STAY, by=tale.RECEIVER) for name in names}


def _of_handovers(*names: str, by: str) -> dict[str, Row]:
    return {f"post /handovers/{{handover_id}}/{n}": Row(HANDOVER, by=by) for n in names}


ROWS: dict[str, Row] = {
    # A start has no version yet; each start of a batch is judged alone.
    "post /journeys": Row("not_your_unit", stale=None),
    "post /journeys/batch": Row(None, stale=None),
    **_of_journeys("close", "periods", "person-answer", "merge"),
    **_of_journeys("steps", "visits", "delays", "waiting/begin", "waiting/end"),
    **_of_journeys(*(f"steps/{{step}}/{n}" for n in ("complete", "skip", "extend", "reopen"))),
    **_of_journeys("steps/{step}/guidance"),
    **_of_journeys("facts/left", "facts/safety-net", "facts/safety-call", "facts/admitted"),
    **_of_journeys("facts/ready", "facts/deceased", "facts/undo-death", "closing", "facts/moved"),
    **_of_journeys("facts/protected-changed", "facts/identified", "facts/guardians"),
    **_of_journeys("stay/judgement", "stay/notice", "stay/estimate", "stay/ready/withdraw"),
    **_of_journeys("stay/information", "stay/region-care"),
    **_of_stays("planning", "care-contact", "region-care"),
    **_of_journeys("handovers", "pre-notices"),
    **_of_handovers("acknowledge", "accept", "decline", "redirect", "ask", by=tale.RECEIVER),
    **_of_handovers("propose", "assign", "release", "answer-cancellation", by=tale.RECEIVER),
    **_of_handovers("first-contact", "complete", "call", "confirm", by=tale.RECEIVER),
    **_of_handovers("resend", "answer", "take-proposal", "refuse-proposal", by=tale.SENDER),
    **_of_handovers("withdraw", "request-cancellation", "dispute", by=tale.SENDER),
    **_of_handovers("change-estimate", "resume", by=tale.SENDER),
    # Each handover is judged alone, and they are of many journeys.
    "post /handovers/acknowledge": Row(None, stale=None, by=tale.RECEIVER),
    **_of_journeys("plans", "plans/{number}/activate", "plans/{number}/close"),
    **_of_journeys("meetings", "meetings/{meeting_id}/cancel"),
    "post /journeys/{journey_id}/meetings/{meeting_id}/hold": Row(
        JOURNEY, no_unit=("unit_unknown", "content_invalid")
    ),
    "put /journeys/{journey_id}/meetings/{meeting_id}": Row(JOURNEY),
    **_of_journeys("sip/need", "sip/consent", "sip/close", "messages", "messages/read"),
    # A file is added beside the log, and moves no sequence number.
    "post /journeys/{journey_id}/attachments": Row(JOURNEY, stale=None),
    "put /units/{hsa_id}": Row(
        "not_your_unit", "unit_version_stale", KEEPER, OTHER_KEEPER, ("unit_change_invalid",)
    ),
    "post /units/{hsa_id}/closures": Row(
        "not_your_unit", "unit_version_stale", KEEPER, OTHER_KEEPER, ("closure_needs_cover",)
    ),
    "post /units/{hsa_id}/succession": Row(
        "not_your_unit", "unit_version_stale", KEEPER, OTHER_KEEPER
    ),
    **{
        f"{method} /units/{{hsa_id}}/webhook{path}": Row(
            "not_your_unit", "webhook_stale", KEEPER, OTHER_KEEPER
        )
        for method, path in (("put", ""), ("post", "/rotate"), ("post", "/retire-old"))
    },
    # A dead letter has no version.
    "post /deliveries/{delivery_id}/resend": Row(DELIVERY, stale=None, by="operator"),
    "post /clocks/{ref}/snooze": Row(CLOCK, by=tale.RECEIVER),
    # A preview changes nothing, says a no inside its answer, and may be of a unit yet to come.
    "post /units/preview": Row(None, stale=None, by=KEEPER),
}


ROWS |= {
    # A file is checked, compared and tried out by whoever is logged in; nothing is kept.
    **{f"post /pathways/{n}": Row(None, stale=None) for n in ("validate", "diff", "simulate")},
    # Drafts and migrations have no version: what was said of them is never taken back.
    **{
        f"post /pathways/{path}": Row(DESIGNERS, None, "designer", tale.SENDER)
        for path in (
            "drafts",
            "drafts/{draft_id}/gaps",
            "drafts/{draft_id}/publish",
            "drafts/{draft_id}/withdraw",
            "migrations",
            "migrations/{migration_id}/go-on",
            "{key_of}/{version}/retire",
        )
    },
    "post /pathways/drafts/{draft_id}/approve": Row(
        "not_approver", None, "designer-second", tale.SENDER
    ),
}


class Operation(NamedTuple):
    """A command as described: its row's name, method and path, and the shapes of its body."""

    name: str
    method: str
    path: str
    shapes: list[Json]


def operations() -> dict[str, Operation]:
    """Every POST and PUT of the built application."""
    found = {}
    for whole, methods in DESCRIPTION["paths"].items():
        path = whole.removeprefix("/api/v1")
        for method in {"post", "put"} & set(methods):
            name = f"{method} {path}"
            found[name] = Operation(name, method, path, BODIES.shapes(methods[method]))
    return found


EVERY = operations()
FILE = {"kind": "other", "legal_basis": "consent"}
FILES = {"post /journeys/{journey_id}/attachments"}
WITH_BODY = sorted(name for name, operation in EVERY.items() if operation.shapes)
NAMES_UNITS = sorted(
    name
    for name in set(WITH_BODY) - {"post /units/preview"}
    if any(list(BODIES.units(shape)) for shape in EVERY[name].shapes)
)


class Scene(NamedTuple):
    """A journey in which something of everything is there, and the way to it."""

    world: World
    ids: dict[str, str]

    @property
    def journey(self) -> str:
        """The journey itself."""
        return self.ids["journey_id"]

    async def call(
        self, name: str, body: Any, *, by: str | None = None, **headers: str
    ) -> httpx.Response:
        """Give a command here, with a key of its own unless another is named."""
        operation, row = EVERY[name], ROWS[name]
        headers = {"Idempotency-Key": uuid4().hex} | headers
        http = self.world.caller(by or row.by).http
        path = operation.path.format(**self.ids)
        if name in FILES:
            pdf = headers | {"Content-Type": "application/pdf"}
            return await http.post(path, params=FILE, content=b"%PDF-1.7", headers=pdf)
        return await http.request(operation.method, path, json=body, headers=headers)

    def example(self, name: str) -> Any:
        """A body that is whole, or nothing where the call has none."""
        if name.endswith("/merge"):
            return {"into": self.ids["other"], "reason": "Dubblerad remiss."}
        shapes = EVERY[name].shapes
        return shapes[0]["examples"][0] if shapes else None

    async def picture(self) -> Json:
        """All that a command could have changed."""
        (counted,) = await self.world.rows(
            "SELECT (SELECT seq FROM journey WHERE id = :id) AS seq,"
            " (SELECT count(*) FROM event WHERE journey_id = :id) AS events,"
            " (SELECT count(*) FROM attachment WHERE journey_id = :id) AS files,"
            " (SELECT count(*) FROM answer WHERE journey_id = :id) AS answers,"
            " (SELECT seq FROM journey WHERE id = :other) AS other_seq,"
            " (SELECT count(*) FROM journey) AS journeys,"
            " (SELECT count(*) FROM unit_change) AS unit_changes,"
            " (SELECT count(*) FROM webhook) AS webhooks,"
            " (SELECT count(*) FROM resend) AS resends,"
            " (SELECT count(*) FROM pathway) AS pathways,"
            " (SELECT count(*) FROM pathway_draft) AS drafts,"
            " (SELECT count(*) FROM pathway_draft WHERE published_at IS NOT NULL"
            "  OR withdrawn_at IS NOT NULL) AS ended,"
            " (SELECT count(*) FROM pathway_approval) AS approvals,"
            " (SELECT count(*) FROM gap_acceptance) AS accepted,"
            " (SELECT count(*) FROM pathway_standing WHERE retired_on IS NOT NULL) AS retired,"
            " (SELECT count(*) FROM migration) AS migrations",
            id=self.journey,
            other=self.ids["other"],
        )
        return counted


_known: dict[str, Scene] = {}


@pytest.fixture
async def scene(world: World) -> Scene:
    """The same journey for every test here: nothing in them may change it."""
    home = str(world.house.home)
    if home not in _known:
        _known[home] = Scene(world, await _set_out(world))
    return _known[home]._replace(world=world)


async def _set_out(world: World) -> dict[str, str]:
    journey, handover = await tale.sent(world)
    alice = world.caller(tale.SENDER)
    whole = await alice.post(
        f"/journeys/{journey}/meetings",
        {
            "kind": "team",
            "starts_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
            "mode": "video",
            "units": [tale.STROKE, tale.REHAB],
        },
    )
    await alice.post(f"/journeys/{journey}/messages", {"text": "Nyckeln hämtas hos grannen."})
    await _admitted(alice, journey)
    who = (await alice.get(f"/journeys/{journey}"))["patient"]
    again = await alice.post("/journeys", calls.start_body(who["value"]))
    await world.caller(KEEPER).http.put(
        f"/units/{tale.REHAB}/webhook",
        json={"url": "https://mottagare.example.org/"},
        headers={"Idempotency-Key": uuid4().hex},
    )
    (notice,) = await world.rows(
        "SELECT ordinal FROM notice WHERE journey_id = :id ORDER BY ordinal LIMIT 1", id=journey
    )
    return {
        "journey_id": journey,
        "other": again["id"],
        "handover_id": handover,
        "ref": f"{journey}:accepted:{handover}",
        "meeting_id": whole["care"]["meetings"][0]["id"],
        "step": "handover_rehab",
        "number": "1",
        "hsa_id": tale.REHAB,
        "delivery_id": str(notice["ordinal"]),
        **await _designed(world.caller("designer")),
    }


async def _designed(designer: Caller) -> dict[str, str]:
    """A draft that nobody has approved, and a migration that nobody has said go to."""
    text = (ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml").read_text("utf-8")
    key = f"bad-{uuid4().hex[:10]}"
    body = {
        "text": text.replace("key: stroke-rehab-vastmanland", f"key: {key}"),
        "valid_from": "2030-01-01",
        "scope": {"municipalities": ["1980"]},
    }
    draft = await designer.post("/pathways/drafts", body)
    moving = await designer.post("/pathways/migrations", {"to": "generic-rehab@1"})
    return {
        "draft_id": draft["draft"]["id"],
        "migration_id": moving["migration"]["id"],
        "key_of": "generic-rehab",
        "version": "1",
    }


async def _admitted(alice: Caller, journey: str) -> None:
    """In hospital, and the receiver has been told of it."""
    now = datetime.now(UTC)
    admitted = {"at": now.isoformat(), "efforts": ["social_services"]}
    await alice.post(f"/journeys/{journey}/facts/admitted", admitted)
    told = {"to": [tale.REHAB], "estimated_at": (now + timedelta(days=3)).isoformat()}
    await alice.post(f"/journeys/{journey}/stay/notice", told)


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    assert set(ROWS) == set(EVERY)


def test_only_the_commands_without_a_body_have_no_shape() -> None:
    assert set(EVERY) - set(WITH_BODY) - FILES == {
        "post /journeys/{journey_id}/steps/{step}/guidance",
        "post /handovers/{handover_id}/take-proposal",
        "post /handovers/{handover_id}/release",
        "post /handovers/{handover_id}/confirm",
        "post /units/{hsa_id}/webhook/rotate",
        "post /units/{hsa_id}/webhook/retire-old",
        "post /deliveries/{delivery_id}/resend",
        "post /stays/{journey_id}/{number}/planning",
        "post /pathways/drafts/{draft_id}/publish",
        "post /pathways/drafts/{draft_id}/withdraw",
    }


@pytest.mark.parametrize("name", WITH_BODY)
async def test_whatever_is_wrong_with_a_body_is_named_and_changes_nothing(
    scene: Scene, name: str
) -> None:
    before = await scene.picture()

    for shape in EVERY[name].shapes:
        for wrong in BODIES.wrongs(shape):
            response = await scene.call(name, wrong.body)

            problem = calls.refusal(response, 422)
            assert problem["code"] == "request_invalid", (wrong.why, wrong.where, problem)
            assert problem["fields"], (wrong.why, wrong.where)
            assert PERSON not in response.text

    assert await scene.picture() == before


@pytest.mark.parametrize("name", NAMES_UNITS)
@pytest.mark.parametrize("hsa_id", [PERSONLIKE_UNIT, NO_UNIT])
async def test_who_is_no_unit_of_the_catalogue_can_be_named_nowhere(
    scene: Scene, name: str, hsa_id: str
) -> None:
    before = await scene.picture()

    for shape in EVERY[name].shapes:
        for way in BODIES.units(shape):
            response = await scene.call(name, changed(shape["examples"][0], way, hsa_id))

            code = calls.code(response, 409 if "closures" in name else 422)
            assert code in ROWS[name].no_unit, way
            assert hsa_id not in response.text

    assert await scene.picture() == before


# The items of a batch have keys of their own; previews and trials change nothing.
WITHOUT_KEY = {
    "post /journeys/batch",
    "post /units/preview",
    "post /pathways/validate",
    "post /pathways/diff",
    "post /pathways/simulate",
}


@pytest.mark.parametrize("name", sorted(set(EVERY) - WITHOUT_KEY))
async def test_a_command_without_a_key_is_refused(scene: Scene, name: str) -> None:
    before = await scene.picture()

    response = await scene.call(name, scene.example(name), **{"Idempotency-Key": ""})

    assert calls.code(response, 422) == "key_missing"
    assert await scene.picture() == before


@pytest.mark.parametrize("name", sorted(n for n, row in ROWS.items() if row.stale))
async def test_a_stale_version_is_refused_before_anything_else(scene: Scene, name: str) -> None:
    before = await scene.picture()

    response = await scene.call(name, scene.example(name), **{"If-Match": '"0"'})

    assert calls.code(response, 412) == ROWS[name].stale
    assert await scene.picture() == before


@pytest.mark.parametrize("name", sorted(n for n, row in ROWS.items() if row.stranger))
async def test_what_is_somebody_elses_is_refused(scene: Scene, name: str) -> None:
    before = await scene.picture()
    row = ROWS[name]

    response = await scene.call(name, scene.example(name), by=row.outsider)

    problem: Json = response.json()
    assert response.headers["content-type"] == calls.PROBLEM, response.text
    assert (problem["code"], response.status_code) == (
        row.stranger,
        404 if row.stranger in (JOURNEY, HANDOVER, STAY, DELIVERY, CLOCK) else 403,
    )
    assert await scene.picture() == before


async def test_a_merge_heeds_the_version_of_the_journey_that_it_is_given_to(world: World) -> None:
    ids = await _set_out(world)
    alice, path = world.caller(tale.SENDER), f"/journeys/{ids['other']}/merge"
    before = await alice.get(f"/journeys/{ids['other']}")

    response = await alice.http.post(
        path,
        json={"into": ids["journey_id"], "reason": "Dubblerad remiss."},
        headers={"Idempotency-Key": uuid4().hex, "If-Match": f'"{before["seq"]}"'},
    )

    assert response.status_code == 200, response.text
    assert response.json()["merged_into"] == ids["journey_id"]


@pytest.mark.parametrize(
    ("query", "content", "kind", "status", "code"),
    [
        ({"kind": "other"}, b"%PDF-1.7", "application/pdf", 422, "request_invalid"),
        (FILE | {"kind": "no_such_code"}, b"%PDF-1.7", "application/pdf", 422, "request_invalid"),
        (FILE, b"", "application/pdf", 422, "attachment_empty"),
        (FILE, b"%PDF-1.7", "image/png", 422, "attachment_type_unknown"),
        (FILE, b"{}", "application/json", 422, "attachment_type_unknown"),
        (FILE, b"%PDF-1.7" + b" " * 5_000_000, "application/pdf", 413, "attachment_too_large"),
    ],
)
async def test_a_file_that_cannot_be_kept_is_refused(
    scene: Scene, query: Json, content: bytes, kind: str, status: int, code: str
) -> None:
    before = await scene.picture()

    response = await scene.world.caller(tale.SENDER).http.post(
        f"/journeys/{scene.journey}/attachments",
        params=query,
        content=content,
        headers={"Idempotency-Key": uuid4().hex, "Content-Type": kind},
    )

    assert calls.code(response, status) == code
    assert await scene.picture() == before


async def test_of_many_somebody_elses_handover_is_refused_alone(scene: Scene) -> None:
    before = await scene.picture()
    body = {"handovers": [scene.ids["handover_id"]]}

    response = await scene.call("post /handovers/acknowledge", body, by=tale.OUTSIDER)

    assert [i["code"] for i in response.json()["items"]] == ["handover_unknown"]
    assert await scene.picture() == before


async def test_of_many_a_start_at_somebody_elses_unit_is_refused_alone(scene: Scene) -> None:
    before = await scene.picture()
    body = {"items": [calls.start_body() | {"ref": uuid4().hex}]}

    response = await scene.call("post /journeys/batch", body, by=tale.OUTSIDER)

    assert [i["problem"]["code"] for i in response.json()["items"]] == ["not_your_unit"]
    assert await scene.picture() == before
