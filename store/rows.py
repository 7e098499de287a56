"""Many rows into many tables with one statement: one round trip, whatever a decision changed."""

import json
from collections.abc import Sequence
from datetime import date, datetime
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


class Ends(NamedTuple):
    """Open rows of one table, found by `keys`, whose `column` is set; it was NULL till now."""

    table: Table
    rows: list[Row]
    keys: tuple[str, ...]
    column: str


async def write(connection: AsyncConnection, batches: Sequence[Rows | Ends]) -> None:
    """Write all of them, in one statement."""
    filled = [batch for batch in batches if batch.rows]
    if not filled:
        return
    statement = _statement(tuple(_shape(batch) for batch in filled))
    given = {f"rows_{i}": json.dumps(b.rows, default=_plain) for i, b in enumerate(filled)}
    await connection.execute(statement, given)


class _Insert(NamedTuple):
    table: Table
    columns: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    fresh: bool


class _End(NamedTuple):
    table: Table
    keys: tuple[str, ...]
    column: str


_Shape = _Insert | _End


def _shape(batch: Rows | Ends) -> _Shape:
    if isinstance(batch, Ends):
        return _End(batch.table, batch.keys, batch.column)
    return _Insert(batch.table, tuple(batch.rows[0]), batch.replaced, batch.kept, batch.fresh)


@cache
def _statement(shapes: tuple[_Shape, ...]) -> TextClause:
    """`WITH` one `INSERT` or `UPDATE` for each; foreign keys are checked when all have run."""
    parts = [f"write_{i} AS ({_part(shape, i)})" for i, shape in enumerate(shapes)]
    return text(f"WITH {', '.join(parts)} SELECT 1")


def _part(shape: _Shape, number: int) -> str:
    return _update(shape, number) if isinstance(shape, _End) else _insert(shape, number)


def _update(shape: _End, number: int) -> str:
    table, column = shape.table.name, shape.column
    same = " AND ".join(f'"{table}"."{k}" = r."{k}"' for k in shape.keys)
    return (
        f'UPDATE "{table}" SET "{column}" = r."{column}" '  # noqa: S608 - our own names
        f'FROM jsonb_populate_recordset(NULL::"{table}", CAST(:rows_{number} AS jsonb)) r '
        f'WHERE {same} AND "{table}"."{column}" IS NULL'
    )


def _insert(shape: _Insert, number: int) -> str:
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
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")
