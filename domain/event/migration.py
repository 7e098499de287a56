"""Events by which a running journey moves to another version of its pathway, and back."""

from typing import Literal

from domain.pathway import Definition, StepDefinition
from domain.value import Value


class PathwayMigrated(Value):
    """The journey goes by another version; `kept` are steps done by the old one alone."""

    type: Literal["pathway_migrated"] = "pathway_migrated"
    migration: str
    definition: Definition
    was: str
    kept: tuple[StepDefinition, ...] = ()


class MigrationUndone(Value):
    """The journey goes by the version before again."""

    type: Literal["migration_undone"] = "migration_undone"
    migration: str
    definition: Definition


PathwayHappening = PathwayMigrated | MigrationUndone
