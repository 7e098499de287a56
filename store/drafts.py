"""Drafts of pathways, who has approved them, and what is published: read and written whole."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.design.coverage import Acceptance, Coverage
from domain.design.digest import digest
from domain.design.publication import Approval, Draft, Published, Scope
from domain.pathway import Definition
from store import tables as t
from store.catalogue import AlreadyPublished

SAID = {"approvals", "published_at", "withdrawn_at"}


async def put(connection: AsyncConnection, draft: Draft) -> None:
    """Keep a draft."""
    row = {
        "id": draft.id,
        "key": draft.definition.key,
        "version": draft.definition.version,
        "hash": digest(draft.definition),
        "body": draft.model_dump(mode="json", exclude=SAID),
        "at": draft.at,
    }
    await connection.execute(insert(t.pathway_draft).values(**row))


async def find(connection: AsyncConnection, draft_id: str, *, lock: bool = False) -> Draft | None:
    """A draft with every yes that it has got, perhaps held until the transaction ends."""
    wanted = select(t.pathway_draft).where(t.pathway_draft.c.id == draft_id)
    row = (await connection.execute(wanted.with_for_update() if lock else wanted)).first()
    if row is None:
        return None
    given = select(t.pathway_approval).where(t.pathway_approval.c.draft_id == draft_id)
    rows = (await connection.execute(given.order_by(t.pathway_approval.c.principal))).all()
    return _draft(row, rows)


async def newest(connection: AsyncConnection, limit: int) -> list[Draft]:
    """The newest drafts, without who has approved them."""
    wanted = select(t.pathway_draft).order_by(t.pathway_draft.c.at.desc()).limit(limit)
    return [_draft(row, ()) for row in await connection.execute(wanted)]


def _draft(row: Row[Any], approvals: Sequence[Row[Any]]) -> Draft:
    said = [
        Approval(principal=a.principal, by=a.by_subject, unit=a.by_unit, at=a.at) for a in approvals
    ]
    return Draft.model_validate(
        row.body
        | {
            "approvals": said,
            "published_at": row.published_at,
            "withdrawn_at": row.withdrawn_at,
        }
    )


async def approve(connection: AsyncConnection, draft_id: str, approval: Approval) -> None:
    """Keep a yes; the same yes again changes nothing."""
    row = {
        "draft_id": draft_id,
        "principal": approval.principal,
        "by_subject": approval.by,
        "by_unit": approval.unit,
        "at": approval.at,
    }
    await connection.execute(upsert(t.pathway_approval).values(**row).on_conflict_do_nothing())


async def end(connection: AsyncConnection, draft_id: str, at: datetime, *, published: bool) -> None:
    """The draft is published, or withdrawn."""
    name = "published_at" if published else "withdrawn_at"
    await connection.execute(
        update(t.pathway_draft).where(t.pathway_draft.c.id == draft_id).values({name: at})
    )


async def publish(
    connection: AsyncConnection,
    published: Published,
    text: str | None = None,
    owner_unit: str | None = None,
) -> None:
    """Publish a version once. Raises `AlreadyPublished` when its content differs."""
    definition = published.definition
    row = {
        "key": definition.key,
        "version": definition.version,
        "hash": digest(definition),
        "valid_from": published.valid_from,
        "definition": definition.model_dump(mode="json", exclude_defaults=True),
    }
    await connection.execute(upsert(t.pathway).values(**row).on_conflict_do_nothing())
    there = await connection.scalar(
        select(t.pathway.c.definition).where(
            t.pathway.c.key == definition.key, t.pathway.c.version == definition.version
        )
    )
    # An older release hashed fields that nobody had written: what was said is what is compared.
    if there is None or Definition.model_validate(there) != definition:
        raise AlreadyPublished(definition.name)
    standing = {
        "key": definition.key,
        "version": definition.version,
        "scope": published.scope.model_dump(mode="json"),
        "text": text,
        "owner_unit": owner_unit,
    }
    await connection.execute(upsert(t.pathway_standing).values(**standing).on_conflict_do_nothing())


async def retire(connection: AsyncConnection, key: str, version: int, day: date) -> bool:
    """No new journey from a day on. Whether there is such a version."""
    there = await connection.scalar(
        select(t.pathway.c.key).where(t.pathway.c.key == key, t.pathway.c.version == version)
    )
    if there is None:
        return False
    row = {"key": key, "version": version, "scope": Scope().model_dump(mode="json")}
    await connection.execute(upsert(t.pathway_standing).values(**row).on_conflict_do_nothing())
    await connection.execute(
        update(t.pathway_standing)
        .where(t.pathway_standing.c.key == key, t.pathway_standing.c.version == version)
        .values(retired_on=day)
    )
    return True


async def published(connection: AsyncConnection) -> list[Published]:
    """Every published version, by key and version, with for whom it holds and until when."""
    same = (t.pathway.c.key == t.pathway_standing.c.key) & (
        t.pathway.c.version == t.pathway_standing.c.version
    )
    wanted = (
        select(t.pathway, t.pathway_standing.c.scope, t.pathway_standing.c.retired_on)
        .select_from(t.pathway.outerjoin(t.pathway_standing, same))
        .order_by(t.pathway.c.key, t.pathway.c.version)
    )
    return [
        Published(
            definition=Definition.model_validate(row.definition),
            valid_from=row.valid_from,
            scope=Scope.model_validate(row.scope or {}),
            retired_on=row.retired_on,
        )
        for row in await connection.execute(wanted)
    ]


async def text_of(connection: AsyncConnection, key: str, version: int) -> str | None:
    """What the designer wrote, where that is kept."""
    return await connection.scalar(
        select(t.pathway_standing.c.text).where(
            t.pathway_standing.c.key == key, t.pathway_standing.c.version == version
        )
    )


async def accept_gap(
    connection: AsyncConnection, acceptance_id: str, pathway: str, acceptance: Acceptance
) -> None:
    """Keep a named person's yes to a gap."""
    row = {
        "id": acceptance_id,
        "pathway": pathway,
        "body": acceptance.model_dump(mode="json"),
        "at": acceptance.at,
    }
    await connection.execute(upsert(t.gap_acceptance).values(**row).on_conflict_do_nothing())


async def acceptances(connection: AsyncConnection, pathway: str) -> list[Acceptance]:
    """Every gap of a pathway that somebody has accepted."""
    wanted = select(t.gap_acceptance.c.body).where(t.gap_acceptance.c.pathway == pathway)
    rows = (await connection.execute(wanted.order_by(t.gap_acceptance.c.at))).scalars()
    return [Acceptance.model_validate(body) for body in rows]


async def keep_proof(
    connection: AsyncConnection, key: str, version: int, coverage: Coverage, at: datetime
) -> None:
    """The newest proof of a version."""
    body = coverage.model_dump(mode="json")
    put = upsert(t.coverage_proof).values(key=key, version=version, body=body, proved_at=at)
    await connection.execute(
        put.on_conflict_do_update(
            index_elements=["key", "version"],
            set_={"body": put.excluded.body, "proved_at": put.excluded.proved_at},
        )
    )


async def proof(connection: AsyncConnection, key: str, version: int) -> Coverage | None:
    """The newest proof of a version, if there was one."""
    body = await connection.scalar(
        select(t.coverage_proof.c.body).where(
            t.coverage_proof.c.key == key, t.coverage_proof.c.version == version
        )
    )
    return Coverage.model_validate(body) if body else None
