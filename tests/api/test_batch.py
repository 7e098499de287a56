"""Many starts at once: each is judged alone, and the same file twice starts nothing twice."""

from typing import Any
from uuid import uuid4

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World


def items(*numbers: str, **change: Any) -> list[Json]:
    """An item for each patient."""
    return [calls.start_body(number, ref=f"t-{uuid4().hex}", **change) for number in numbers]


async def post(world: World, given: list[Json], by: str = tale.SENDER) -> Json:
    return await world.caller(by).post("/journeys/batch", {"items": given})


def outcomes(result: Json) -> list[tuple[str, str | None]]:
    """Outcome and code of each item, in order."""
    return [(i["outcome"], (i["problem"] or {}).get("code")) for i in result["items"]]


async def test_good_rows_start_and_bad_ones_are_named(world: World) -> None:
    good = items(calls.PROTECTED, calls.MARKED)
    bad = items("194408139088", calls.PROTECTED, calls.PROTECTED, calls.PROTECTED, calls.PROTECTED)
    bad[1]["pathway"] = "hip-rehab"
    bad[2]["unit"] = tale.REHAB
    bad[3]["surprise"] = "x"
    del bad[4]["referral"]
    given = [good[0], *bad, good[1]]

    result = await post(world, given)

    assert outcomes(result) == [
        ("started", None),
        ("refused", "patient_invalid"),
        ("refused", "pathway_unknown"),
        ("refused", "not_your_unit"),
        ("refused", "request_invalid"),
        ("refused", "request_invalid"),
        ("started", None),
    ]
    assert (result["started"], result["already_started"], result["refused"]) == (2, 0, 5)
    assert [i["ref"] for i in result["items"]] == [i["ref"] for i in given]
    assert [i["index"] for i in result["items"]] == list(range(7))
    fields = [[f["field"] for f in i["problem"]["fields"]] for i in result["items"][4:6]]
    assert fields == [["surprise"], ["referral"]]
    started = [i["journey_id"] for i in result["items"] if i["outcome"] == "started"]
    for journey in started:
        assert (await world.caller(tale.SENDER).get(f"/journeys/{journey}"))["state"] == "active"


async def test_the_same_batch_twice_starts_nothing_twice(world: World) -> None:
    given = items(calls.PROTECTED, calls.MARKED)
    first = await post(world, given)
    count = "SELECT count(*) AS n FROM journey"
    journeys = await world.rows(count)

    second = await post(world, given)

    assert outcomes(second) == [("already_started", None)] * 2
    ids = [i["journey_id"] for i in first["items"]]
    assert [i["journey_id"] for i in second["items"]] == ids
    assert await world.rows(count) == journeys


async def test_a_ref_whose_content_has_changed_is_refused(world: World) -> None:
    given = items(calls.PROTECTED)
    await post(world, given)
    changed = [item | {"referral": item["referral"] | {"reason": "Annat."}} for item in given]

    result = await post(world, changed)

    assert outcomes(result) == [("refused", "key_reused")]


async def test_a_ref_is_the_callers_own(world: World) -> None:
    given = items(calls.PROTECTED)
    await post(world, given)
    theirs = [item | {"unit": "SE0000000000-TESTRVMVCKOP"} for item in given]

    result = await post(world, theirs, by="vc-koping")

    assert outcomes(result) == [("started", None)]


async def test_the_same_patient_and_pathway_twice_in_a_batch_is_refused(world: World) -> None:
    given = items(calls.NATIONAL, calls.NATIONAL, overlap_reason=None, pathway="stroke-rehab")

    result = await post(world, given)

    assert sorted(outcomes(result), key=str) == [
        ("refused", "journey_overlaps"),
        ("started", None),
    ]
    for item in result["items"]:
        if item["outcome"] == "started":
            await calls.close(world, item["journey_id"])


async def test_a_row_refused_for_overlap_starts_when_a_reason_is_given(world: World) -> None:
    first, second = items(calls.NATIONAL, calls.NATIONAL, overlap_reason=None)
    begun = await post(world, [first])

    refused = await post(world, [second])
    mended = await post(world, [second | {"overlap_reason": "Två skilda skador"}])

    assert outcomes(refused) == [("refused", "journey_overlaps")]
    assert outcomes(mended) == [("started", None)]
    for result in (begun, mended):
        await calls.close(world, result["items"][0]["journey_id"])


async def test_two_hundred_rows_are_taken_and_one_more_is_not(world: World) -> None:
    wrong = items("194408139088")[0]
    many = [wrong | {"ref": uuid4().hex} for _ in range(200)]

    result = await post(world, many)
    too_many = await world.caller(tale.SENDER).try_post(
        "/journeys/batch", {"items": [*many, wrong]}
    )

    assert result["refused"] == 200
    assert calls.code(too_many, 422) == "request_invalid"


async def test_who_may_not_start_gets_every_row_refused(world: World) -> None:
    given = items(calls.PROTECTED, calls.MARKED)

    by_clinician = await post(world, given, by="stroke-clinician")
    by_designer = await post(world, given, by="designer")

    assert outcomes(by_clinician) == outcomes(by_designer) == [("refused", "role_not_enough")] * 2
