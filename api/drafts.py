"""From a draft to a published version: checked, approved, proved, published, retired."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool

from api import pathways
from api.design_bodies import ApprovalBody, DraftBody, GapBody, RetireBody
from api.house import Caller, CallerDep, KeyDep
from domain.calendar import STOCKHOLM
from domain.design import publication
from domain.design.check import check
from domain.design.coverage import Acceptance, Coverage, Gap, refusals
from domain.design.coverage_page import Month, as_months
from domain.design.digest import digest
from domain.design.promised import Ground
from domain.design.proof import coverage_of
from domain.design.publication import Approval, Draft, Published
from domain.design.trial import Trial, fails
from domain.pathway import Definition
from domain.refusal import FieldProblem, Refused
from domain.value import Value
from store import catalogue, database, drafts

router = APIRouter(prefix="/api/v1/pathways", tags=["pathways"])

DraftId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


class OpenGap(Value):
    """A gap of coverage that nobody has accepted, and the key by which somebody may."""

    key: str
    gap: Gap


class Standing(Value):
    """A draft as it stands: what is missing before it can be published."""

    draft: Draft
    hash: str
    missing: tuple[str, ...]
    failed_trials: tuple[str, ...] = ()
    gaps: tuple[OpenGap, ...] = ()


class Retired(Value):
    """A version that no new journey goes by from a day on."""

    pathway: str
    retired_on: str


@router.post("/drafts", status_code=201)
async def write(body: DraftBody, caller: CallerDep, key: KeyDep) -> Standing:
    """Keep a checked file as a draft; the same key again gives the same draft.

    Raises `Refused`: role_not_enough, definition_invalid, version_exists.
    """
    publication.may_design(caller.actor)
    draft_id = str(caller.house.ids.uuid("draft", caller.principal, key.value))
    async with database.reading(caller.house.store, ()) as connection:
        known = await drafts.find(connection, draft_id)
    if known is not None:
        return await _standing(caller, known)
    found = await run_in_threadpool(check, body.text, pathways.library(caller))
    definition = pathways.sound(found)
    if (definition.key, definition.version) in caller.catalogue.pathways:
        raise Refused("version_exists")
    draft = Draft(
        id=draft_id,
        kind="addition" if found.addition else "definition",
        text=body.text,
        definition=definition,
        by=caller.actor.subject,
        unit=caller.actor.unit,
        at=datetime.now(UTC),
        valid_from=body.valid_from,
        scope=body.scope,
        concerns=_concerns(caller, definition, body),
        trials=tuple(t.model_dump(mode="json") for t in body.trials),
    )
    async with caller.house.store.begin() as connection:
        await drafts.put(connection, draft)
    return await _standing(caller, draft)


def _concerns(caller: Caller, definition: Definition, body: DraftBody) -> tuple[str, ...]:
    """Principals whose units get work, or less time than by what holds now."""
    before = _before(caller, definition)
    units = caller.catalogue.units
    return publication.concerned(definition, before, units, body.scope)


def _before(caller: Caller, definition: Definition) -> Definition | None:
    """The version before it; for an addition what it was put on."""
    own = [d for d in caller.catalogue.pathways.values() if d.key == definition.key]
    earlier = [d for d in own if d.version < definition.version]
    if earlier:
        return max(earlier, key=lambda d: d.version)
    if not definition.layers:
        return None
    return pathways.published(caller, definition.layers[-1].on)


@router.get("/drafts/{draft_id}")
async def read(draft_id: DraftId, caller: CallerDep) -> Standing:
    """A draft, and what is missing before it can be published; the proof of coverage with it."""
    return await _standing(caller, await _draft(caller, draft_id))


@router.get("/drafts")
async def listed(caller: CallerDep) -> list[dict[str, str | None]]:
    """The newest drafts."""
    async with database.reading(caller.house.store, ()) as connection:
        found = await drafts.newest(connection, 50)
    return [
        {
            "id": d.id,
            "pathway": d.definition.name,
            "by": d.by,
            "at": d.at.isoformat(),
            "published_at": d.published_at.isoformat() if d.published_at else None,
        }
        for d in found
    ]


@router.get("/drafts/{draft_id}/coverage")
async def calendar(draft_id: DraftId, caller: CallerDep) -> list[Month]:
    """The gaps of the coming year, month by month: when, between whom, and why."""
    draft = await _draft(caller, draft_id)
    coverage = await _coverage(caller, draft)
    async with database.reading(caller.house.store, ()) as connection:
        accepted = await drafts.acceptances(connection, draft.definition.key)
    found = caller.catalogue
    ground = Ground(draft.definition, found.ladders, found.units, found.calendar)
    return list(as_months(coverage, ground, accepted))


@router.post("/drafts/{draft_id}/approve")
async def approve(
    draft_id: DraftId, body: ApprovalBody, caller: CallerDep, key: KeyDep
) -> Standing:
    """Say yes for a principal, as somebody else than the author.

    Raises `Refused`: draft_unknown, draft_ended, own_draft, not_approver.
    """
    draft = await _draft(caller, draft_id)
    own = caller.catalogue.units[caller.actor.unit].principal
    if body.principal not in (None, own):
        raise Refused("not_approver", FieldProblem(field="principal", rule="not_yours"))
    publication.approve(draft, caller.actor, own)
    given = Approval(
        principal=own, by=caller.actor.subject, unit=caller.actor.unit, at=datetime.now(UTC)
    )
    async with caller.house.store.begin() as connection:
        await drafts.approve(connection, draft.id, given)
    return await _standing(caller, await _draft(caller, draft_id))


@router.post("/drafts/{draft_id}/gaps")
async def accept_gap(draft_id: DraftId, body: GapBody, caller: CallerDep, key: KeyDep) -> Standing:
    """Take responsibility for a gap of coverage, by name, and say why.

    Raises `Refused`: draft_unknown, role_not_enough, content_invalid.
    """
    publication.may_design(caller.actor)
    draft = await _draft(caller, draft_id)
    gap = (await _coverage(caller, draft)).gap(body.gap)
    if gap is None:
        raise Refused("content_invalid", FieldProblem(field="gap", rule="unknown"))
    accepted = Acceptance(
        gap=gap, by=caller.actor.subject, reason=body.reason[:200], at=datetime.now(UTC)
    )
    acceptance_id = str(caller.house.ids.uuid("gap", caller.principal, key.value))
    async with caller.house.store.begin() as connection:
        await drafts.accept_gap(connection, acceptance_id, draft.definition.key, accepted)
    return await _standing(caller, draft)


@router.post("/drafts/{draft_id}/publish")
async def publish(draft_id: DraftId, caller: CallerDep, key: KeyDep) -> Standing:
    """Publish it, for good: new journeys go by it from its day on.

    Raises `Refused`: role_not_enough, draft_unknown, draft_ended, approval_missing, trial_fails,
    coverage_gap, version_exists.
    """
    publication.may_design(caller.actor)
    draft = await _draft(caller, draft_id)
    standing = await _standing(caller, draft)
    publication.must_be_ready(draft, standing.failed_trials, [g.key for g in standing.gaps])
    version = Published(definition=draft.definition, valid_from=draft.valid_from, scope=draft.scope)
    at = datetime.now(UTC)
    try:
        async with caller.house.store.begin() as connection:
            locked = await drafts.find(connection, draft_id, lock=True)
            if locked is None or locked.published_at is not None:
                raise Refused("draft_ended")
            await drafts.publish(connection, version, draft.text, draft.unit)
            await drafts.end(connection, draft_id, at, published=True)
    except catalogue.AlreadyPublished:
        raise Refused("version_exists") from None
    caller.house.shelf.forget()
    return standing.model_copy(
        update={"draft": draft.model_copy(update={"published_at": at}), "missing": ()}
    )


@router.post("/drafts/{draft_id}/withdraw")
async def withdraw(draft_id: DraftId, caller: CallerDep, key: KeyDep) -> Standing:
    """Take a draft back; it stays to be read. Raises `Refused`: draft_unknown, draft_ended, …"""
    publication.may_design(caller.actor)
    draft = await _draft(caller, draft_id)
    if draft.published_at or draft.withdrawn_at:
        raise Refused("draft_ended")
    at = datetime.now(UTC)
    async with caller.house.store.begin() as connection:
        await drafts.end(connection, draft_id, at, published=False)
    return await _standing(caller, draft.model_copy(update={"withdrawn_at": at}))


@router.post("/{key_of}/{version}/retire")
async def retire(
    key_of: pathways.Key,
    version: pathways.Version,
    body: RetireBody,
    caller: CallerDep,
    key: KeyDep,
) -> Retired:
    """No new journey goes by it from a day on; running ones stay.

    Raises `Refused`: role_not_enough, pathway_unknown, instant_in_past.
    """
    publication.may_design(caller.actor)
    if body.on < datetime.now(STOCKHOLM).date():
        raise Refused("instant_in_past", FieldProblem(field="on", rule="in_past"))
    async with caller.house.store.begin() as connection:
        there = await drafts.retire(connection, key_of, version, body.on)
    if not there:
        raise Refused("pathway_unknown")
    caller.house.shelf.forget()
    return Retired(pathway=f"{key_of}@{version}", retired_on=body.on.isoformat())


async def _draft(caller: Caller, draft_id: str) -> Draft:
    async with database.reading(caller.house.store, ()) as connection:
        found = await drafts.find(connection, draft_id)
    if found is None:
        raise Refused("draft_unknown")
    return found


async def _standing(caller: Caller, draft: Draft) -> Standing:
    coverage = await _coverage(caller, draft)
    async with database.reading(caller.house.store, ()) as connection:
        accepted = await drafts.acceptances(connection, draft.definition.key)
    return Standing(
        draft=draft,
        hash=digest(draft.definition),
        missing=draft.missing,
        failed_trials=await run_in_threadpool(_failed, caller, draft),
        gaps=tuple(OpenGap(key=g.key, gap=g) for g in refusals(coverage, accepted)),
    )


async def _coverage(caller: Caller, draft: Draft) -> Coverage:
    """A year from the day on which it would begin to hold."""
    begins = max(datetime.now(UTC), datetime.combine(draft.valid_from, _MIDNIGHT, STOCKHOLM))
    return await run_in_threadpool(
        coverage_of, draft.definition, pathways.world(caller), draft.scope, begins
    )


_MIDNIGHT = datetime.min.time()


def _failed(caller: Caller, draft: Draft) -> tuple[str, ...]:
    setting = pathways.world(caller)
    trials = (Trial.model_validate(t) for t in draft.trials)
    return tuple(f for t in trials if (f := fails(t, draft.definition, setting)) is not None)
