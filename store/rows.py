"""Many rows into many tables with one statement: one round trip, whatever a decision changed."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]


class Rows(NamedTuple):
    """Rows of one table, all with the same columns, and what becomes of rows already there.

    `replaced` columns are taken from the new row; `kept` ones too, unless the new value is NULL.
    With neither, a row that is there stays as it is; `fresh` rows may not be there.
    """

    table: Table
    rows: list[Row]
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    fresh: bool = False


async def write(connection: AsyncConnection, batches: Sequence[Rows]) -> None:
    """Write all of them, in one statement."""
    filled = [batch for batch in batches if batch.rows]
    if not filled:
        return
    statement = _statement(
        tuple((b.table, tuple(b.rows[0]), b.replaced, b.kept, b.fresh) for b in filled)
    )
    given = {f"rows_{i}": json.dumps(b.rows, default=_plain) for i, b in enumerate(filled)}
    await connection.execute(statement, given)


_Shape = tuple[Table, tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]


@cache
def _statement(shapes: tuple[_Shape, ...]) -> TextClause:
    """`WITH` one `INSERT` for each table; foreign keys are checked when all have run."""
    parts = [f"write_{i} AS ({_insert(shape, i)})" for i, shape in enumerate(shapes)]
    return text(f"WITH {', '.join(parts)} SELECT 1")


def _insert(shape: _Shape, number: int) -> str:
    table, columns, replaced, kept, fresh = shape
    names = ", ".join(f'"{c}"' for c in columns)
    insert = (
        f'INSERT INTO "{table.name}" ({names}) SELECT {names} '  # noqa: S608 - our own names
        f'FROM jsonb_populate_recordset(NULL::"{table.name}", CAST(:rows_{number} AS jsonb))'
    )
    if fresh:
        return insert
    taken = [f'"{c}" = excluded."{c}"' for c in replaced]
    taken += [f'"{c}" = coalesce(excluded."{c}", "{table.name}"."{c}")' for c in kept]
    keys = ", ".join(f'"{c.name}"' for c in table.primary_key)
    action = f"UPDATE SET {', '.join(taken)}" if taken else "NOTHING"
    return f"{insert} ON CONFLICT ({keys}) DO {action}"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")
