"""By what a board is counted: names from the query, and nothing but what the board knows."""

from collections.abc import Container
from typing import Annotated

from fastapi import Query

from domain.refusal import FieldProblem, Refused

GroupQuery = Annotated[str, Query(max_length=60)]


def names(group_by: str, known: Container[str]) -> list[str]:
    """The names in `group_by`, each once, in order. Raises `Refused("request_invalid")`."""
    found = [name.strip() for name in group_by.split(",") if name.strip()]
    if not found or any(name not in known for name in found):
        raise Refused("request_invalid", FieldProblem(field="group_by", rule="unknown"))
    return list(dict.fromkeys(found))
