"""The life of units over HTTP: put, closed, succeeded, with a history, and told to journeys."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.unit_change import PAGE, Page, UnitChangeActivities
from api import problems, unit_life
from api.app import create
from cli.users import token_for
from domain.calendar import STOCKHOLM, Budget, Counting
from domain.command import AdoptUnit, Envelope, Idempotency, Succeed
from domain.design.publication import Published
from domain.event import ClockMoved
from domain.journey import Role
from domain.pathway import HandoverStep
from domain.refusal import Refusal
from domain.unit import Unit
from domain.unit_change import ChangeKind, Telling, UnitChange, telling
from runtime.embedded.postgres import API
from store import drafts
from tests.api import calls
from tests.samples import MONDAY, calendar, pathway, unit, units
from tests.stories import journeys as tale
from tests.stories.cast import SHELF
from tests.world import Caller, Json, World, until
from workflows.unit_change import UnitChangeWorkflow

KEEPER, OTHER_KEEPER, COORDINATOR = "vasteras-catalogue", "sala-catalogue", "vasteras-rehab"
HOME_HELP = "SE0000000000-TESTK1980HTJ"


class Doors(NamedTuple):
    """The API in this process, on the world's store and engine."""

    world: World
    transport: httpx.ASGITransport

    def caller(self, username: str) -> Caller:
        """A demo user at these doors."""
        token = token_for(self.world.house.issuer, username)
        return Caller(
            httpx.AsyncClient(
                transport=self.transport,
                base_url="http://doors/api/v1",
                headers={"Authorization": f"Bearer {token}"},
            )
        )

    async def send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        by: str = KEEPER,
        version: int | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """Any call, with a key, and the version that it is about."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.caller(by).http.request(method, path, json=body, headers=headers)

    async def put(self, body: Json, **how: Any) -> httpx.Response:
        """Put a unit."""
        return await self.send("PUT", f"/units/{body['hsa_id']}", body, **how)

    async def created(self, **change: Any) -> Json:
        """A unit of Västerås that no other test knows."""
        body = facts(hsa_id=f"SE0000000000-TEST{uuid4().hex[:8].upper()}", **change)
        assert (await self.put(body)).status_code == 201
        return body

    async def facts(self, hsa_id: str) -> Json:
        """A unit as it stands."""
        return await self.caller(KEEPER).get(f"/units/{hsa_id}/facts")


@pytest.fixture
async def doors(world: World) -> AsyncIterator[Doors]:
    """The whole API with the routes of this file, whatever else serves."""
    house = world.house
    config = world.servers.config.model_copy(
        update={
            "database_url": SecretStr(house.postgres.url(API)),
            "keyring_file": house.keyring_file,
            "jwks": str(house.issuer.jwks_path),
        }
    )
    app = create(config)
    app.include_router(unit_life.router, responses=problems.RESPONSES)
    async with app.router.lifespan_context(app):
        yield Doors(world, httpx.ASGITransport(app))


def facts(**change: Any) -> Json:
    """The whole facts of a unit in Västerås."""
    known = unit(tale.IHR).model_dump(mode="json", exclude={"version"})
    return known | {"protected_group": [], "closures": []} | change


def closure(cover: str | None = tale.REHAB, first: str = "2030-12-21", **change: Any) -> Json:
    """The body of a closure."""
    return {"first": first, "last": "2031-01-03", "covered_by": cover, "reason": "Jul"} | change


def fields(response: httpx.Response) -> dict[str, str]:
    """The rule of each field in a refusal."""
    return {f["field"]: f["rule"] for f in response.json()["fields"]}


class TestPut:
    async def test_a_new_unit_of_the_own_organisation_is_created(self, doors: Doors) -> None:
        body = facts(hsa_id="SE0000000000-TESTK1980NEW", name="Ny enhet (demo)", reason="Ny")

        response = await doors.put(body)

        answer = response.json()
        assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
        assert (answer["kind"], answer["warnings"]) == ("put", [])
        assert answer["unit"] == await doors.facts(body["hsa_id"])
        assert answer["unit"] | body == answer["unit"] | {"reason": "Ny"}

    async def test_the_next_version_follows_the_one_that_was_read(self, doors: Doors) -> None:
        body = await doors.created()

        second = await doors.put(body | {"name": "Två (demo)"}, version=1)
        stale = await doors.put(body | {"name": "Tre (demo)"}, version=1)

        assert (second.status_code, second.headers["ETag"]) == (200, '"2"')
        assert calls.code(stale, 412) == "unit_version_stale"
        found = await doors.facts(body["hsa_id"])
        assert (found["version"], found["name"]) == (2, "Två (demo)")

    async def test_a_unit_that_exists_is_not_put_blindly(self, doors: Doors) -> None:
        body = await doors.created()

        blind = await doors.put(body)
        odd = await doors.send("PUT", f"/units/{body['hsa_id']}", body, key=None)

        assert calls.code(blind, 422) == "if_match_invalid"
        assert fields(odd) == {"If-Match": "missing"}

    async def test_a_version_of_a_unit_that_does_not_exist_is_stale(self, doors: Doors) -> None:
        body = facts(hsa_id="SE0000000000-TESTK1980NONE")

        assert calls.code(await doors.put(body, version=1), 412) == "unit_version_stale"

    async def test_the_same_key_gets_the_same_answer_and_changes_once(self, doors: Doors) -> None:
        body, key = await doors.created(), uuid4().hex
        wanted = body | {"name": "Två (demo)"}

        first = await doors.put(wanted, version=1, key=key)
        await doors.put(body | {"name": "Tre (demo)"}, version=2)
        again = await doors.put(wanted, version=1, key=key)
        other = await doors.put(body, version=1, key=key)

        assert again.json() == first.json()
        assert again.headers["ETag"] == '"2"'
        assert calls.code(other, 422) == "key_reused"
        assert (await doors.facts(body["hsa_id"]))["version"] == 3

    async def test_a_unit_without_a_contact_route_is_refused(self, doors: Doors) -> None:
        body = await doors.created()

        response = await doors.put(body | {"contacts": []}, version=1)

        assert calls.code(response, 422) == "unit_change_invalid"
        assert fields(response) == {"contacts": "no_route"}

    async def test_a_unit_stands_at_its_own_address(self, doors: Doors) -> None:
        response = await doors.send("PUT", f"/units/{tale.REHAB}", facts())

        assert fields(response) == {"hsa_id": "not_the_address"}

    async def test_a_call_without_a_key_or_with_an_unknown_field_is_refused(
        self, doors: Doors
    ) -> None:
        http = doors.caller(KEEPER).http

        no_key = await http.put(f"/units/{tale.IHR}", json=facts())
        unknown = await doors.put(facts(surprise=True))

        assert calls.code(no_key, 422) == "key_missing"
        assert calls.code(unknown, 422) == "request_invalid"


class TestWho:
    async def test_only_the_organisations_own_keeper_changes_a_unit(self, doors: Doors) -> None:
        body = await doors.created()

        by_other = await doors.put(body, version=1, by=OTHER_KEEPER)
        by_coordinator = await doors.put(body, version=1, by=COORDINATOR)
        by_region = await doors.put(body, version=1, by="region-catalogue")

        assert calls.code(by_other, 403) == "not_your_unit"
        assert calls.code(by_coordinator, 403) == "role_not_enough"
        assert calls.code(by_region, 403) == "not_your_unit"

    async def test_no_unit_is_created_in_another_organisation(self, doors: Doors) -> None:
        body = facts(hsa_id="SE0000000000-TESTK1981NEW")

        foreign = await doors.put(body, by=OTHER_KEEPER)
        moved = await doors.put(body | {"organisation": "k1981"}, by=OTHER_KEEPER)

        assert calls.code(foreign, 403) == "not_your_unit"
        assert fields(moved) == {"principal": "not_the_organisations"}

    async def test_a_keeper_reads_no_patients(self, doors: Doors) -> None:
        response = await doors.caller(KEEPER).http.get("/journeys")

        assert calls.code(response, 403) == "role_not_enough"


class TestClosure:
    async def test_a_unit_is_closed_and_opened_again(self, doors: Doors) -> None:
        hsa_id = (await doors.created())["hsa_id"]
        path = f"/units/{hsa_id}/closures"

        closed = await doors.send("POST", path, closure())
        opened = await doors.send("DELETE", f"{path}/2030-12-21")
        nothing = await doors.send("DELETE", f"{path}/2030-12-21")

        assert closed.json()["unit"]["closures"] == [closure()]
        assert (opened.json()["unit"]["closures"], opened.headers["ETag"]) == ([], '"3"')
        assert calls.code(nothing, 404) == "page_unknown"

    async def test_a_closure_while_patients_wait_names_who_covers(
        self, doors: Doors, world: World
    ) -> None:
        await tale.sent(world, tale.IHR)
        path = f"/units/{tale.IHR}/closures"

        alone = await doors.send("POST", path, closure(None))
        by_home_help = await doors.send("POST", path, closure(HOME_HELP))
        covered = await doors.send("POST", path, closure())
        await doors.send("DELETE", f"{path}/2030-12-21")

        assert calls.code(alone, 409) == "closure_needs_cover"
        assert fields(alone) == {"closures.0.covered_by": "missing"}
        assert fields(by_home_help) == {"closures.0.covered_by": "other_sector"}
        assert (covered.status_code, covered.json()["warnings"]) == (200, [])

    async def test_an_empty_unit_may_close_alone_and_is_warned(self, doors: Doors) -> None:
        hsa_id = (await doors.created())["hsa_id"]

        response = await doors.send("POST", f"/units/{hsa_id}/closures", closure(None))

        assert response.json()["warnings"] == ["closure_without_cover"]

    async def test_a_closure_of_a_stale_version_is_refused(self, doors: Doors) -> None:
        hsa_id = (await doors.created())["hsa_id"]

        response = await doors.send("POST", f"/units/{hsa_id}/closures", closure(), version=7)

        assert calls.code(response, 412) == "unit_version_stale"

    async def test_a_unit_that_does_not_exist_cannot_close(self, doors: Doors) -> None:
        response = await doors.send("POST", "/units/SE0000000000-TESTNOBODY/closures", closure())

        assert calls.code(response, 404) == "page_unknown"


class TestSuccession:
    async def test_a_succeeded_unit_says_by_whom_and_changes_no_more(self, doors: Doors) -> None:
        old, new = await doors.created(), await doors.created()
        path = f"/units/{old['hsa_id']}/succession"
        body = {"successor": new["hsa_id"], "reason": "Slås samman"}

        done = await doors.send("POST", path, body)
        again = await doors.send("POST", path, body)
        changed = await doors.put(old, version=2)

        assert (done.json()["kind"], done.json()["unit"]["successor"]) == ("succeed", new["hsa_id"])
        assert calls.code(again, 409) == "unit_succeeded"
        assert calls.code(changed, 409) == "unit_succeeded"

    async def test_the_same_key_gets_the_same_answer(self, doors: Doors) -> None:
        old, new = await doors.created(), await doors.created()
        path, key = f"/units/{old['hsa_id']}/succession", uuid4().hex
        body = {"successor": new["hsa_id"], "reason": "Slås samman"}

        first, again = [await doors.send("POST", path, body, key=key) for _ in range(2)]

        assert (first.status_code, first.json()) == (200, again.json())

    async def test_a_unit_is_not_given_to_another_principal(self, doors: Doors) -> None:
        old = await doors.created()
        path = f"/units/{old['hsa_id']}/succession"

        sala = await doors.send("POST", path, {"successor": tale.SALA, "reason": "Prov"})
        nobody = await doors.send(
            "POST", path, {"successor": "SE0000000000-TESTNOBODY", "reason": "Prov"}
        )

        assert fields(sala) == {"successor": "has_not_agreed"}
        assert calls.code(nobody, 422) == "unit_unknown"

    async def test_another_organisations_unit_is_not_taken(self, doors: Doors) -> None:
        path = f"/units/{tale.SALA}/succession"

        response = await doors.send("POST", path, {"successor": tale.REHAB, "reason": "Prov"})

        assert calls.code(response, 403) == "not_your_unit"


class TestHistory:
    async def test_history_says_what_who_and_why_newest_first(self, doors: Doors) -> None:
        body = await doors.created(reason="Ny enhet")
        await doors.send("POST", f"/units/{body['hsa_id']}/closures", closure())

        whole = await doors.caller(KEEPER).get(f"/units/{body['hsa_id']}/history")
        first = await doors.caller(KEEPER).get(f"/units/{body['hsa_id']}/history", limit=1)
        rest = await doors.caller(KEEPER).get(
            f"/units/{body['hsa_id']}/history", before=first["next"]
        )

        assert [(i["version"], i["reason"]) for i in whole["items"]] == [
            (2, "Jul"),
            (1, "Ny enhet"),
        ]
        assert whole["items"][0]["by_subject"] == KEEPER
        assert whole["items"][0]["facts"]["closures"] == [closure()]
        assert first["items"] + rest["items"] == whole["items"]

    async def test_history_is_the_organisations_own(self, doors: Doors) -> None:
        path = f"/units/{tale.IHR}/history"

        mine = await doors.caller(COORDINATOR).http.get(path)
        theirs = await doors.caller(OTHER_KEEPER).http.get(path)

        assert mine.status_code == 200
        assert calls.code(theirs, 403) == "not_your_unit"


class TestPreview:
    async def test_a_preview_says_what_a_change_would_do_and_does_nothing(
        self, doors: Doors, world: World
    ) -> None:
        await tale.sent(world, tale.IHR)
        before = await doors.facts(tale.IHR)
        body = facts(closures=[closure(None)], name="Ny (demo)")

        found = await doors.caller(KEEPER).post("/units/preview", body)

        assert {"name", "closures"} <= set(found["alters"])
        assert found["problem"]["code"] == "closure_needs_cover"
        assert found["warnings"] == ["closure_without_cover"]
        assert found["holds"]["open_handovers"] >= 1
        assert found["journeys"] >= 1
        assert await doors.facts(tale.IHR) == before

    async def test_a_preview_of_a_new_unit_touches_no_journey(self, doors: Doors) -> None:
        body = facts(hsa_id="SE0000000000-TESTK1980PRE")

        found = await doors.caller(KEEPER).post("/units/preview", body)

        assert (found["problem"], found["journeys"]) == (None, 0)
        assert "name" in found["alters"]

    async def test_a_preview_is_for_who_may_do_it(self, doors: Doors) -> None:
        response = await doors.caller(OTHER_KEEPER).try_post("/units/preview", facts())

        assert calls.code(response, 403) == "not_your_unit"


SUBSTITUTE = {
    "function": "manager",
    "by": "coordinator",
    "unit": tale.REHAB,
    "first": "2030-07-01",
    "last": "2030-07-28",
}


class TestSubstitutes:
    async def test_a_substitute_stands_in_the_facts_the_history_and_the_preview(
        self, doors: Doors
    ) -> None:
        body = await doors.created()
        wanted = body | {"substitutes": [SUBSTITUTE]}

        seen = await doors.caller(KEEPER).post("/units/preview", wanted)
        put = await doors.put(wanted, version=1)

        history = await doors.caller(KEEPER).get(f"/units/{body['hsa_id']}/history")
        assert (seen["alters"], seen["problem"]) == (["substitutes"], None)
        assert put.json()["unit"]["substitutes"] == [SUBSTITUTE]
        assert (await doors.facts(body["hsa_id"]))["substitutes"] == [SUBSTITUTE]
        assert history["items"][0]["facts"]["substitutes"] == [SUBSTITUTE]

    async def test_nobody_substitutes_who_cannot_be_told(self, doors: Doors) -> None:
        body = await doors.created()
        wrong = [
            SUBSTITUTE | {"unit": tale.SALA},
            SUBSTITUTE | {"unit": "SE0000000000-TESTNOBODY"},
            SUBSTITUTE | {"by": "principal", "unit": None},
        ]
        without = [c for c in body["contacts"] if c["function"] != "principal"]

        response = await doors.put(body | {"substitutes": wrong, "contacts": without}, version=1)

        assert fields(response) == {
            "substitutes.0.unit": "unknown",
            "substitutes.1.unit": "unknown",
            "substitutes.2.by": "no_route",
        }

    async def test_a_substitute_is_another_function_for_days_in_order(self, doors: Doors) -> None:
        body = await doors.created()

        for odd in ({"by": "manager", "unit": None}, {"last": "2030-06-30"}):
            response = await doors.put(body | {"substitutes": [SUBSTITUTE | odd]}, version=1)
            assert calls.code(response, 422) == "request_invalid"


OPENING_HOURS = "stroke-rehab-opening-hours"
WEEKDAYS = [{"day": day, "opens": "08:00:00", "closes": "16:00:00"} for day in range(7)]


class TestRunningClocks:
    async def published(self, world: World) -> None:
        """A pathway whose answer is owed in hours of opening, and the doors know it."""
        shipped = pathway()
        budget = Budget(amount=40, counting=Counting.OPENING_HOURS)
        steps = tuple(
            step.model_copy(update={"accept": step.accept.model_copy(update={"budget": budget})})
            if isinstance(step, HandoverStep)
            else step
            for step in shipped.steps
        )
        definition = shipped.model_copy(update={"key": OPENING_HOURS, "steps": steps})
        async with world.owner.begin() as connection:
            version = Published(definition=definition, valid_from=MONDAY.date())
            await drafts.publish(connection, version)

        async def known() -> bool:
            found = await world.caller(tale.SENDER).http.get("/pathways")
            return OPENING_HOURS in {one["key"] for one in found.json()}

        await until(known, within=SHELF)

    async def sent(self, doors: Doors) -> tuple[Json, str, str]:
        """A unit with hours, a journey, and a handover to the unit; its answer counts the hours."""
        world = doors.world
        body = await doors.created(hours=WEEKDAYS, standing=[], pathways=[])
        await self.published(world)

        async def known() -> bool:
            found = (await world.caller(tale.SENDER).http.get("/units")).json()
            return body["hsa_id"] in {one["hsa_id"] for one in found}

        await until(known, within=SHELF)
        journey = await tale.planned(world, OPENING_HOURS)
        sent = await world.caller(tale.SENDER).post(
            f"/journeys/{journey}/handovers", tale.handover(body["hsa_id"])
        )
        return body, journey, sent["id"]

    async def dues(self, world: World, journey: str) -> dict[str, Any]:
        """When each clock of a journey is due."""
        return {c.id: c.due_at for c in (await world.state(journey)).running()}

    async def adopted(self, world: World, journey: str, hsa_id: str, version: int) -> None:
        """Wait until the journey knows a version of the unit."""

        async def known() -> bool:
            return (await world.state(journey)).units[hsa_id].version == version

        await until(known, within=SHELF)

    async def test_what_is_foretold_is_what_comes(self, doors: Doors, world: World) -> None:
        body, journey, handover = await self.sent(doors)
        hsa_id, keeper = body["hsa_id"], doors.caller(KEEPER)
        closing = closure(tale.REHAB, **self.days(await world.now(journey)))
        wanted = body | {"closures": [closing]}
        before = await self.dues(world, journey)

        preview = await keeper.post("/units/preview", wanted)

        (shift,) = preview["clocks"]["shifts"]
        clock = f"accepted:{handover}"
        assert preview["clocks"]["count"] == 1
        assert (shift["ref"], shift["kind"]) == (f"{journey}:{clock}", "accepted")
        assert at(shift["due_now"]) == before[clock]
        assert at(shift["due_then"]) - at(shift["due_now"]) > timedelta(days=2)
        assert (await doors.facts(hsa_id))["version"] == 1
        assert await self.dues(world, journey) == before

        response = await doors.put(wanted | {"running_clocks": "recompute"}, version=1)
        await self.adopted(world, journey, hsa_id, 2)

        after = await self.dues(world, journey)
        assert response.json()["running_clocks"] == "recompute"
        assert response.json()["clocks"] == preview["clocks"]
        assert after == before | {clock: at(shift["due_then"])}
        moved = [e.what for e in await world.events(journey) if isinstance(e.what, ClockMoved)]
        assert [(m.because, m.clock.id) for m in moved] == [("opening", clock)]

    async def test_what_was_not_chosen_moves_nothing_and_may_be_chosen_later(
        self, doors: Doors, world: World
    ) -> None:
        body, journey, handover = await self.sent(doors)
        hsa_id, clock = body["hsa_id"], f"accepted:{handover}"
        path = f"/units/{hsa_id}/closures"
        closing = closure(tale.REHAB, **self.days(await world.now(journey)))
        before = await self.dues(world, journey)

        kept = await doors.send("POST", path, closing)
        await self.adopted(world, journey, hsa_id, 2)
        assert (kept.json()["running_clocks"], kept.json()["clocks"]["count"]) == ("keep", 1)
        assert await self.dues(world, journey) == before

        anew = {"running_clocks": "recompute"}
        moved = await doors.send("POST", path, closing | anew | {"reason": "Igen"})
        await self.adopted(world, journey, hsa_id, 3)
        (shift,) = moved.json()["clocks"]["shifts"]
        assert await self.dues(world, journey) == before | {clock: at(shift["due_then"])}

        opened = await doors.send("DELETE", f"{path}/{closing['first']}?running_clocks=recompute")
        await self.adopted(world, journey, hsa_id, 4)
        assert (opened.status_code, opened.json()["running_clocks"]) == (200, "recompute")
        assert await self.dues(world, journey) == before
        history = await doors.caller(KEEPER).get(f"/units/{hsa_id}/history")
        assert [i["reproject"] for i in history["items"]] == [True, True, False, False]

    async def test_the_same_key_gets_the_same_answer_though_the_clocks_have_moved(
        self, doors: Doors, world: World
    ) -> None:
        body, journey, _ = await self.sent(doors)
        hsa_id, key = body["hsa_id"], uuid4().hex
        days = self.days(await world.now(journey))
        closing = closure(tale.REHAB, **days) | {"running_clocks": "recompute"}
        path = f"/units/{hsa_id}/closures"

        first = await doors.send("POST", path, closing, key=key)
        await self.adopted(world, journey, hsa_id, 2)
        again = await doors.send("POST", path, closing, key=key)
        other = await doors.send("POST", path, closing | {"running_clocks": "keep"}, key=key)
        one, opening = f"{path}/{days['first']}", uuid4().hex
        opened = await doors.send("DELETE", one, key=opening)
        differs = await doors.send("DELETE", f"{one}?running_clocks=recompute", key=opening)

        assert (first.json()["clocks"]["count"], again.json()) == (1, first.json())
        assert calls.code(other, 422) == "key_reused"
        assert (opened.status_code, calls.code(differs, 422)) == (200, "key_reused")

    async def test_a_choice_is_one_of_two(self, doors: Doors) -> None:
        body = await doors.created()

        put = await doors.put(body | {"running_clocks": "perhaps"}, version=1)
        opened = await doors.send(
            "DELETE", f"/units/{body['hsa_id']}/closures/2030-12-21?running_clocks=perhaps"
        )

        assert calls.code(put, 422) == "request_invalid"
        assert calls.code(opened, 422) == "request_invalid"

    async def test_nobody_else_learns_of_the_clocks(self, doors: Doors) -> None:
        body, _, _ = await self.sent(doors)

        response = await doors.caller(OTHER_KEEPER).try_post("/units/preview", body)

        assert calls.code(response, 403) == "not_your_unit"

    def days(self, now: datetime) -> Json:
        """Three days that begin tomorrow."""
        first = now.astimezone(STOCKHOLM).date() + timedelta(days=1)
        return {"first": f"{first}", "last": f"{first + timedelta(days=2)}"}


def at(instant: str) -> datetime:
    """An instant as it is written."""
    return datetime.fromisoformat(instant)


class TestTelling:
    async def told(self, world: World, change_id: str) -> set[str]:
        """The journeys that have been told of a change."""
        found = await world.rows(
            "SELECT journey_id FROM answer WHERE principal = 'unit_change' AND key = :id",
            id=change_id,
        )
        return {row["journey_id"] for row in found}

    async def test_running_journeys_are_told_also_those_that_come_in_between(
        self, doors: Doors, world: World
    ) -> None:
        journey, _ = await tale.sent(world, tale.IHR)
        untouched = await tale.start(world)
        version = (await doors.facts(tale.IHR))["version"]
        body = facts(assignment=f"Hemrehabilitering {uuid4().hex}")

        change_id = (await doors.put(body, version=version)).json()["change_id"]

        async def first() -> bool:
            return journey in await self.told(world, change_id)

        await until(first)
        between, _ = await tale.sent(world, tale.IHR)
        handle: WorkflowHandle[UnitChangeWorkflow, dict[str, int]] = (
            world.client.get_workflow_handle(f"unit-change-{change_id}", result_type=dict[str, int])
        )
        await world.skip(handle, timedelta(seconds=21))
        counts = await handle.result()
        told = await self.told(world, change_id)
        row = await world.rows("SELECT told_at FROM unit_change WHERE id = :id", id=change_id)
        assert journey in told
        # Told, or begun with the facts as they became: the doors' shelf may be fresh by then.
        assert (await world.state(between)).units[tale.IHR].version == version + 1
        assert untouched not in told
        assert counts["told"] >= len(told) >= 1
        assert row[0]["told_at"] is not None


class Book:
    """A book with one change and some journeys, that remembers what it was asked."""

    def __init__(self, change: UnitChange, journeys: Sequence[str], now: Unit) -> None:
        known = units() | {now.hsa_id: now, tale.IHR: unit(tale.IHR)}
        self.found = telling(change, known, calendar())
        self.journeys = sorted(journeys)
        self.noted: list[str] = []

    async def telling(self, change_id: str) -> Telling:
        """The change."""
        return self.found

    async def untold(self, telling: Telling, after: str, limit: int) -> list[str]:
        """A page of the journeys."""
        return [j for j in self.journeys if j > after][:limit]

    async def told(self, change_id: str) -> None:
        """Note it."""
        self.noted.append(change_id)


class Journeys:
    """Workflows that answer as they are told, and remember what they got."""

    def __init__(self, **answers: Refusal | None) -> None:
        self.answers = answers
        self.got: list[tuple[str, Envelope]] = []

    async def __call__(self, journey_id: str, envelope: Envelope) -> Refusal | None:
        """Take it, or not."""
        self.got.append((journey_id, envelope))
        return self.answers.get(journey_id)


class TestHands:
    def change(
        self, kind: ChangeKind = ChangeKind.PUT, *, reproject: bool = False, **change: Any
    ) -> UnitChange:
        return UnitChange(
            id="c-1",
            reproject=reproject,
            hsa_id=tale.REHAB,
            version=2,
            kind=kind,
            at=MONDAY,
            by_subject=KEEPER,
            by_unit=tale.REHAB,
            facts=unit(tale.REHAB, version=2, **change),
        )

    async def test_each_journey_on_a_page_is_counted_by_how_it_ended(self) -> None:
        journeys = Journeys(b=Refusal(code="journey_closed"), c=Refusal(code="unit_version_stale"))
        change = self.change()
        hands = UnitChangeActivities(Book(change, "abcd", change.facts), journeys)

        told = await hands.tell_journeys(Page(change_id="c-1"))

        assert told.counts == {"told": 2, "journey_closed": 1, "unit_version_stale": 1}
        assert (told.last, [j for j, _ in journeys.got]) == (None, list("abcd"))
        assert not told.refused

    async def test_a_no_that_nobody_expects_keeps_the_change_untold(self, world: World) -> None:
        change, name = self.change(), f"telling-{uuid4().hex[:8]}"
        journeys = Journeys(b=Refusal(code="role_not_enough"))
        book = Book(change, "abc", change.facts)

        refused = await self.run(world, book, journeys, f"{name}-1")
        noted = list(book.noted)
        journeys.answers.clear()
        mended = await self.run(world, book, journeys, f"{name}-2")

        assert (refused, noted) == ({"told": 4, "role_not_enough": 2}, [])
        assert (mended, book.noted) == ({"told": 6}, ["c-1"])

    async def run(self, world: World, book: Book, journeys: Journeys, name: str) -> dict[str, int]:
        """One telling on the real server, with a worker of its own."""
        hands = UnitChangeActivities(book, journeys)
        async with Worker(
            world.client,
            task_queue=name,
            workflows=[UnitChangeWorkflow],
            activities=[hands.tell_journeys, hands.note_told],
        ):
            handle = await world.client.start_workflow(
                UnitChangeWorkflow.run, "c-1", id=name, task_queue=name
            )

            async def first_sweep() -> bool:
                return len(journeys.got) % 6 == 3

            await until(first_sweep)
            await world.skip(handle, timedelta(seconds=21))
            return await handle.result()

    async def test_a_choice_for_clocks_is_told_though_a_newer_change_stands(self) -> None:
        journeys = Journeys()
        chosen = self.change(reproject=True)
        book = Book(chosen, "a", unit(tale.REHAB, version=3))

        told = await UnitChangeActivities(book, journeys).tell_journeys(Page(change_id="c-1"))

        ((_, sent),) = journeys.got
        assert told.counts == {"told": 1}
        assert isinstance(sent.command, AdoptUnit) and sent.command.reproject

    async def test_a_newer_change_takes_an_earlier_choice_along_first(self) -> None:
        journeys = Journeys()
        chosen = self.change(reproject=True)
        newer = chosen.model_copy(
            update={"id": "c-2", "version": 3, "facts": unit(tale.REHAB, version=3)}
        ).model_copy(update={"reproject": False})
        book = Book(newer, "ab", newer.facts)
        first = Book(chosen, "ab", newer.facts).found
        book.found = book.found._replace(earlier=(first,))

        await UnitChangeActivities(book, journeys).tell_journeys(Page(change_id="c-2"))

        keys = [(j, e.idempotency.key) for j, e in journeys.got]
        assert keys == [("a", "c-1"), ("a", "c-2"), ("b", "c-1"), ("b", "c-2")]

    async def test_a_full_page_is_followed_by_the_next(self) -> None:
        change, journeys = self.change(), Journeys()
        names = [f"j{number:03}" for number in range(PAGE + 1)]
        hands = UnitChangeActivities(Book(change, names, change.facts), journeys)

        first = await hands.tell_journeys(Page(change_id="c-1"))
        second = await hands.tell_journeys(Page(change_id="c-1", after=first.last or ""))

        assert (first.last, second.last) == (names[PAGE - 1], None)
        assert [j for j, _ in journeys.got] == names

    async def test_every_journey_gets_the_same_key_in_the_name_of_who_changed_it(self) -> None:
        change, journeys = self.change(), Journeys()
        hands = UnitChangeActivities(Book(change, "ab", change.facts), journeys)

        for _ in range(2):
            await hands.tell_journeys(Page(change_id="c-1"))

        sent = [envelope for _, envelope in journeys.got]
        assert all(envelope == sent[0] for envelope in sent)
        assert sent[0].command == AdoptUnit(unit=change.facts)
        assert sent[0].idempotency == Idempotency(
            principal="unit_change", key="c-1", body_hash="c-1"
        )
        assert (sent[0].actor.subject, sent[0].actor.unit) == (KEEPER, tale.REHAB)
        assert sent[0].actor.roles == (Role.CATALOGUE,)

    async def test_a_succession_is_told_with_the_successors_own_facts(self) -> None:
        change, journeys = self.change(ChangeKind.SUCCEED, successor=tale.IHR), Journeys()
        hands = UnitChangeActivities(Book(change, "a", change.facts), journeys)

        await hands.tell_journeys(Page(change_id="c-1"))

        assert journeys.got[0][1].command == Succeed(old=tale.REHAB, to=unit(tale.IHR))

    async def test_an_older_change_is_left_to_the_newer_one(self) -> None:
        newer, journeys = unit(tale.REHAB, version=3), Journeys()
        hands = UnitChangeActivities(Book(self.change(), "ab", newer), journeys)

        told = await hands.tell_journeys(Page(change_id="c-1"))

        assert (told.counts, told.last, journeys.got) == ({"outdated": 1}, None, [])

    async def test_that_all_are_told_is_noted(self) -> None:
        book = Book(self.change(), "", self.change().facts)

        await UnitChangeActivities(book, Journeys()).note_told("c-1")

        assert book.noted == ["c-1"]
