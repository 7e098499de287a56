"""What every table class needs; importing this first sets the naming of constraints."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]
INSTANT: Any = sa.DateTime(timezone=True)


def json() -> Any:
    """A JSONB column that is never NULL."""
    return Field(sa_column=sa.Column(JSONB, nullable=False))


def json_or_nothing() -> Any:
    """A JSONB column where nothing is SQL NULL, never the JSON one."""
    return Field(default=None, sa_column=sa.Column(JSONB(none_as_null=True)))


def core(model: type[SQLModel]) -> sa.Table:
    """The Core table behind a class; statements are written against these."""
    found: sa.Table = model.__dict__["__table__"]
    return found
