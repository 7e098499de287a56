"""What a designer does through the doors: reading, checking, trying out, publishing, retiring."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.samples import ROOT
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.world import Caller, Json, World, until

ADDITION = (ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml").read_text("utf-8")
TODAY = datetime.now(UTC).date()
REGION, WEST = "SE0000000000-TESTRVMSAM", "SE0000000000-TESTK1980REH"
SHELF = 25.0


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of any unit."""
    opened = Cast(world)
    yield opened
    await opened.close()


def designer(cast: Cast, unit: str = REGION, subject: str = "designer-1") -> Caller:
    return cast.at(unit, subject, ("designer",))


def addition(key: str, **changes: str) -> str:
    """The shipped addition under a key of its own, perhaps with another text."""
    text = ADDITION.replace("key: stroke-rehab-vastmanland", f"key: {key}")
    for old, new in changes.items():
        text = text.replace(old.replace("__", " "), new)
    return text


def own_key() -> str:
    return f"stroke-{uuid4().hex[:10]}"


async def problem(caller: Caller, path: str, body: Json) -> Json:
    return await caller.refused(path, body)


class TestReading:
    async def test_the_schema_is_for_everybody_and_the_definition_for_who_is_logged_in(
        self, world: World
    ) -> None:
        bare = httpx.AsyncClient(base_url=f"{world.house.address}/api/v1")

        schema = (await bare.get("/pathways/schema")).json()
        refused = await bare.get("/pathways/stroke-rehab/1")
        found = await world.caller(tale.SENDER).get("/pathways/stroke-rehab/1")
        await bare.aclose()

        assert schema["$schema"].startswith("https://json-schema.org/")
        assert refused.status_code == 401
        assert (found["key"], found["version"]) == ("stroke-rehab", 1)

    async def test_a_version_that_is_not_published_is_unknown(self, world: World) -> None:
        response = await world.caller(tale.SENDER).http.get("/pathways/stroke-rehab/99")

        assert (response.status_code, response.json()["code"]) == (422, "pathway_unknown")

    @pytest.mark.parametrize(
        ("what", "kind", "holds"),
        [
            ("drawing.svg", "image/svg+xml", "<svg"),
            ("text.md", "text/markdown; charset=utf-8", "# "),
            ("process.bpmn", "application/xml", "BPMNDiagram"),
        ],
    )
    async def test_a_version_is_shown_in_three_ways(
        self, world: World, what: str, kind: str, holds: str
    ) -> None:
        response = await world.caller(tale.SENDER).http.get(f"/pathways/stroke-rehab/1/{what}")

        assert (response.status_code, response.headers["content-type"]) == (200, kind)
        assert holds in response.text


class TestChecking:
    async def test_a_sound_file_comes_to_a_definition_with_its_layers(
        self, world: World, cast: Cast
    ) -> None:
        found = await designer(cast).post("/pathways/validate", {"text": ADDITION})

        assert (found["sound"], found["problems"]) == (True, [])
        (layer,) = found["definition"]["layers"]
        assert layer["on"] == "stroke-rehab@1"
        assert layer["added"] == ["home_visit", "team_meeting", "follow_up_3m"]
        assert layer["changed"] == {
            "handover_rehab": ["acknowledge"],
            "assessment": ["instruments"],
        }

    async def test_everything_wrong_is_said_at_once_with_line_and_column(
        self, world: World, cast: Cast
    ) -> None:
        text = ADDITION.replace("amount: 12, counting: hours", "amount: 48, counting: hours")
        text = text.replace("step: assessment", "step: asessment")

        found = await designer(cast).post("/pathways/validate", {"text": text})

        said = [(p["code"], p["line"], p["message"]["en"]) for p in found["problems"]]
        assert said == [
            (
                "deadline_longer",
                47,
                "The time acknowledge does not get shorter: 24 hours round the clock to 48 hours "
                "round the clock.",
            ),
            ("step_unknown", 53, "Unknown step asessment."),
        ]
        assert found["definition"] is None

    async def test_two_versions_are_compared(self, world: World, cast: Cast) -> None:
        body = {"old": "stroke-rehab@1", "text": ADDITION}

        found = await designer(cast).http.post("/pathways/diff?language=en", json=body)

        assert "step home_visit added: intervention" in found.json()["text"]
        assert (
            "step handover_rehab: acknowledge.budget changed: 24 hours → 12 hours"
            in (found.json()["text"])
        )


class TestTryingOut:
    async def test_a_case_is_played_to_its_end(self, world: World, cast: Cast) -> None:
        found = await designer(cast).post("/pathways/simulate", {"text": ADDITION})

        assert found["ended"] == "closed"
        assert found["lines"][0]["words"]["sv"] == "förloppet startas"
        assert not [line for line in found["lines"] if line["what"] == "refused"]

    async def test_a_silent_receiver_is_seen_and_nothing_leaves_the_system(
        self, world: World, cast: Cast
    ) -> None:
        before = await world.rows("SELECT count(*) AS n FROM notice")
        case = {
            "unit": tale.STROKE,
            "days": 60,
            "habits": [{"who": {"step": "handover_rehab"}, "does": "silent"}],
        }

        found = await designer(cast).post(
            "/pathways/simulate", {"pathway": "stroke-rehab@1", "case": case}
        )

        late = [line["subject"] for line in found["lines"] if line["what"] == "overdue"]
        assert found["ended"] == "time_up"
        assert "accepted:h-2" in late and "alarm:rehab" in late
        assert await world.rows("SELECT count(*) AS n FROM notice") == before

    async def test_who_cannot_begin_is_said(self, world: World, cast: Cast) -> None:
        body = {"pathway": "stroke-rehab@1", "case": {"unit": "SE0000000000-TESTNOBODY"}}

        assert (await problem(designer(cast), "/pathways/simulate", body))["code"] == "no_intake"

    async def test_a_trial_that_was_kept_fails_when_the_pathway_tells_otherwise(
        self, world: World, cast: Cast
    ) -> None:
        key = own_key()
        author = designer(cast)
        played = await author.post(
            "/pathways/simulate", {"text": addition(key), "save_as": "vanligt ärende"}
        )
        looser = addition(key).replace(
            "amount: 28, counting: calendar_days", "amount: 21, counting: calendar_days"
        )
        body = {"text": looser, "valid_from": TODAY.isoformat(), "trials": [played["trial"]]}

        drafted = await author.post("/pathways/drafts", body)

        assert drafted["failed_trials"][0].startswith("vanligt ärende: clock_started")


class TestPublishing:
    async def drafted(self, author: Caller, key: str, **more: Any) -> Json:
        # Not before long: other tests' journeys go by the shipped version.
        scope = {"municipalities": ["1980"], "organisations": ["rvm"]}
        body = {"text": addition(key), "valid_from": "2031-01-01", "scope": scope} | more
        return await author.post("/pathways/drafts", body)

    async def test_a_draft_is_published_by_two_with_a_yes_from_each_principal(
        self, world: World, cast: Cast
    ) -> None:
        author, key = designer(cast), own_key()
        draft = await self.drafted(author, key)
        path = f"/pathways/drafts/{draft['draft']['id']}"
        assert draft["missing"] == ["k1980", "region"]

        alone = await author.refused(f"{path}/publish")
        own = await author.refused(f"{path}/approve", {})
        await designer(cast, WEST, "designer-2").post(f"{path}/approve", {})
        half = await author.refused(f"{path}/publish")
        await designer(cast, REGION, "designer-3").post(f"{path}/approve", {})
        for gap in draft["gaps"]:
            await author.post(f"{path}/gaps", {"gap": gap["key"], "reason": "Telefon finns."})
        done = await author.post(f"{path}/publish")

        assert (alone["code"], own["code"]) == ("approval_missing", "own_draft")
        assert [f["rule"] for f in half["fields"]] == ["region"]
        assert done["draft"]["published_at"]
        again = await author.refused(f"{path}/publish")
        assert again["code"] == "draft_ended"
        found = await author.get(f"/pathways/{key}/1")
        assert found["layers"][0]["name"] == f"{key}@1"

    async def test_another_principals_yes_is_not_given_for_it(
        self, world: World, cast: Cast
    ) -> None:
        draft = await self.drafted(designer(cast), own_key())
        path = f"/pathways/drafts/{draft['draft']['id']}/approve"

        code = (await designer(cast, WEST, "designer-2").refused(path, {"principal": "region"}))[
            "code"
        ]

        assert code == "not_approver"

    async def test_who_treats_patients_writes_no_pathways(self, world: World) -> None:
        body = {"text": ADDITION, "valid_from": TODAY.isoformat()}

        refused = await world.caller(tale.SENDER).refused("/pathways/drafts", body)

        assert refused["code"] == "role_not_enough"

    async def test_the_same_key_gives_the_same_draft(self, world: World, cast: Cast) -> None:
        author, name = designer(cast), uuid4().hex
        body = {"text": addition(own_key()), "valid_from": TODAY.isoformat()}

        first = await author.post("/pathways/drafts", body, name)
        second = await author.post("/pathways/drafts", body, name)

        assert first["draft"]["id"] == second["draft"]["id"]

    async def test_a_published_version_is_never_published_anew(
        self, world: World, cast: Cast
    ) -> None:
        text = (ROOT / "pathways/stroke-rehab/v1.yaml").read_text("utf-8")

        code = (
            await designer(cast).refused(
                "/pathways/drafts", {"text": text, "valid_from": TODAY.isoformat()}
            )
        )["code"]

        assert code == "version_exists"

    async def test_a_file_with_faults_is_no_draft_and_each_is_named(
        self, world: World, cast: Cast
    ) -> None:
        text = addition(own_key()).replace("step: assessment", "step: asessment")

        refused = await designer(cast).refused(
            "/pathways/drafts", {"text": text, "valid_from": TODAY.isoformat()}
        )

        assert refused["code"] == "definition_invalid"
        assert refused["fields"] == [{"field": "53:11 operations.2.step", "rule": "step_unknown"}]


class TestCoverage:
    async def test_a_ladder_that_reaches_nobody_is_accepted_by_name_or_nothing_is_published(
        self, world: World, cast: Cast
    ) -> None:
        nobody = [{"function": "inbox", "phone": "010-000 00 00"}]
        own = {"connected": False, "contacts": nobody, "proxy_owner": tale.STROKE}
        unit = await cast.open_unit(like=tale.STROKE, name="Avdelning utan svar (demo)", **own)
        await cast.known(unit)
        author = designer(cast)
        body = {
            "text": addition(own_key()),
            "valid_from": "2031-01-01",
            "scope": {"units": [unit], "municipalities": ["1980"]},
        }
        draft = await author.post("/pathways/drafts", body)
        path = f"/pathways/drafts/{draft['draft']['id']}"
        await approved(cast, draft)

        refused = await author.refused(f"{path}/publish")
        months = (await author.http.get(f"{path}/coverage")).json()
        for gap in draft["gaps"]:
            await author.post(f"{path}/gaps", {"gap": gap["key"], "reason": "Ringer själva."})
        left = (await author.http.get(f"{path}/coverage")).json()
        done = await author.post(f"{path}/publish")

        assert refused["code"] == "coverage_gap"
        assert {f["rule"] for f in refused["fields"]} <= {g["key"] for g in draft["gaps"]}
        assert len(months) == 12 or len(months) == 13
        assert months[0]["lines"][0]["open"]
        assert not [line for m in left for line in m["lines"] if line["open"]]
        assert done["draft"]["published_at"]


class TestLivingByIt:
    async def test_new_journeys_of_the_scope_go_by_the_addition_until_it_is_retired(
        self, world: World, cast: Cast
    ) -> None:
        author, key = designer(cast), own_key()
        unit = await cast.open_unit(like=tale.STROKE, name="Strokeenhet två (demo)")
        await cast.known(unit)
        body = {
            "text": addition(key),
            "valid_from": TODAY.isoformat(),
            "scope": {"units": [unit]},
        }
        draft = await author.post("/pathways/drafts", body)
        await publish(cast, author, draft)
        await known(cast, unit, key)

        inside = await begun(cast, unit)
        outside = await begun(cast, tale.STROKE)
        tomorrow = (TODAY + timedelta(days=1)).isoformat()
        await author.post(f"/pathways/{key}/1/retire", {"on": TODAY.isoformat()})
        await until(lambda: gone(cast, unit, key), within=SHELF)
        after = await begun(cast, unit)

        assert inside["pathway"] == f"{key}@1"
        assert not outside["pathway"].startswith(key)
        assert not after["pathway"].startswith(key)
        assert (await author.refused("/pathways/nothing/1/retire", {"on": tomorrow}))[
            "code"
        ] == "pathway_unknown"

    async def test_a_version_that_is_asked_for_by_name_and_retired_says_so(
        self, world: World, cast: Cast
    ) -> None:
        author, key = designer(cast), own_key()
        body = {"text": addition(key), "valid_from": TODAY.isoformat()}
        draft = await author.post("/pathways/drafts", body | {"scope": {"units": [tale.REHAB]}})
        await publish(cast, author, draft)
        await author.post(f"/pathways/{key}/1/retire", {"on": TODAY.isoformat()})
        worker = cast.at(tale.REHAB)

        async def retired() -> bool:
            found = await worker.refused("/journeys", journey(tale.REHAB, f"{key}@1"))
            return bool(found["code"] == "pathway_retired")

        assert await until(retired, within=SHELF)


async def publish(cast: Cast, author: Caller, draft: Json) -> None:
    """Every yes that is missing, and every gap accepted."""
    path = f"/pathways/drafts/{draft['draft']['id']}"
    await approved(cast, draft)
    for gap in draft["gaps"]:
        await author.post(f"{path}/gaps", {"gap": gap["key"], "reason": "Telefon finns."})
    await author.post(f"{path}/publish")


async def approved(cast: Cast, draft: Json) -> None:
    """A yes from somebody of each principal."""
    path = f"/pathways/drafts/{draft['draft']['id']}"
    rows = await cast.world.rows("SELECT facts FROM unit")
    of = {r["facts"]["principal"]: r["facts"]["hsa_id"] for r in rows}
    for principal in draft["missing"]:
        await designer(cast, of[principal], f"approver-{principal}").post(f"{path}/approve", {})


async def known(cast: Cast, unit: str, key: str) -> None:
    async def there() -> bool:
        found = (await cast.at(unit).http.get("/pathways")).json()
        return key in [p["key"] for p in found]

    await until(there, within=SHELF)


async def gone(cast: Cast, unit: str, key: str) -> bool:
    found = (await cast.at(unit).http.get("/pathways")).json()
    return key not in [p["key"] for p in found]


def journey(unit: str, pathway: str = "stroke-rehab") -> Json:
    return {
        "patient": {"number": next(tale.NUMBERS), "name": "Testpatient 01"},
        "pathway": pathway,
        "unit": unit,
        "referral": {"reason": "Stroke med svaghet.", "initiator": "hospital"},
        "overlap_reason": "Prov",
    }


async def begun(cast: Cast, unit: str) -> Json:
    """A journey that a unit starts and that asks for stroke rehab."""
    return await cast.at(unit).post("/journeys", journey(unit))
