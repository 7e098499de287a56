"""Attachments: files that follow handovers, and what kinds of files there may be."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.refusal import FieldProblem, Refused
from domain.template import LegalBasis
from domain.value import HsaId, Instant, Value


class AttachmentKind(StrEnum):
    """What an attachment is."""

    DISCHARGE_SUMMARY = "discharge_summary"
    PLAN = "plan"
    IMAGE = "image"
    ASSESSMENT = "assessment"
    OTHER = "other"


class MediaType(StrEnum):
    """The kinds of files that are taken; none of them runs anything when it is opened."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


SIGNATURES = {
    b"%PDF-": MediaType.PDF,
    b"\x89PNG\r\n\x1a\n": MediaType.PNG,
    b"\xff\xd8\xff": MediaType.JPEG,
}


class Attachment(Value):
    """A file of a journey, without its bytes.

    `size` is in bytes, `sha256` of the file as it was uploaded, `owner` the unit that uploaded
    it, and `legal_basis` the ground on which it may be disclosed (OSL 25:1, 26:1).
    """

    id: str
    journey_id: str
    kind: AttachmentKind
    media_type: MediaType
    size: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    owner: HsaId
    legal_basis: LegalBasis
    at: Instant


def media_type_of(first_bytes: bytes) -> MediaType:
    """What the first bytes of a file say that it is, whatever anybody calls it.

    Raises `Refused("attachment_type_unknown")`.
    """
    for signature, media_type in SIGNATURES.items():
        if first_bytes.startswith(signature):
            return media_type
    raise Refused("attachment_type_unknown", FieldProblem(field="body", rule="signature"))


def checked_media_type(content: bytes, declared: str | None) -> MediaType:
    """What a file is, when its bytes and the declared Content-Type agree; without one, its bytes.

    Raises `Refused`: attachment_empty, attachment_type_unknown.
    """
    if not content:
        raise Refused("attachment_empty", FieldProblem(field="body", rule="missing"))
    found = media_type_of(content)
    if declared is not None and declared.partition(";")[0].strip().lower() != found:
        wrong = FieldProblem(field="Content-Type", rule="contradicts_bytes")
        raise Refused("attachment_type_unknown", wrong)
    return found
