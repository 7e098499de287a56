"""Attachments: a file is what its bytes say, whatever it is called."""

import pytest
from pydantic import ValidationError

from domain.attachment import (
    Attachment,
    AttachmentKind,
    MediaType,
    checked_media_type,
    media_type_of,
)
from domain.refusal import Refused
from domain.template import LegalBasis
from tests.samples import ALICE, MONDAY

PDF, PNG, JPEG = b"%PDF-1.7\n%...", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, MediaType.PDF), (PNG, MediaType.PNG), (JPEG, MediaType.JPEG)],
)
def test_a_file_is_known_by_its_first_bytes(content: bytes, media_type: MediaType) -> None:
    assert media_type_of(content) is media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PD",
        b" %PDF-1.7",
        b"\x89PNG\n\x1a\n",
        b"\xff\xd8",
        b"GIF89a",
        b"PK\x03\x04",
        b"MZ",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script>",
        b"Fritext",
    ],
)
def test_any_other_file_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="attachment_type_unknown"):
        media_type_of(content)


@pytest.mark.parametrize(
    "declared", [None, "application/pdf", "Application/PDF", "application/pdf; charset=binary"]
)
def test_a_declared_type_that_agrees_is_taken_and_none_need_be_declared(
    declared: str | None,
) -> None:
    assert checked_media_type(PDF, declared) is MediaType.PDF


@pytest.mark.parametrize(
    "declared", ["image/png", "text/html", "application/octet-stream", "nonsense", ""]
)
def test_a_declared_type_that_contradicts_the_bytes_is_refused(declared: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_media_type(PDF, declared)

    (problem,) = refused.value.refusal.fields
    assert refused.value.refusal.code == "attachment_type_unknown"
    assert (problem.field, problem.rule) == ("Content-Type", "contradicts_bytes")


def test_an_empty_file_is_refused_as_empty_whatever_it_is_called() -> None:
    with pytest.raises(Refused, match="attachment_empty"):
        checked_media_type(b"", "application/pdf")


@pytest.mark.parametrize(
    "change",
    [
        {"size": 0},
        {"sha256": "x" * 64},
        {"owner": "nobody"},
        {"kind": "letter"},
        {"media_type": "image/gif"},
        {"legal_basis": "because"},
    ],
)
def test_an_attachment_has_a_kind_an_owner_and_a_legal_basis(change: dict[str, object]) -> None:
    given: dict[str, object] = {
        "id": "a-1",
        "journey_id": "j-1",
        "kind": AttachmentKind.DISCHARGE_SUMMARY,
        "media_type": MediaType.PDF,
        "size": len(PDF),
        "sha256": "0" * 64,
        "owner": ALICE,
        "legal_basis": LegalBasis.CONSENT,
        "at": MONDAY,
    }

    assert Attachment.model_validate(given).kind is AttachmentKind.DISCHARGE_SUMMARY
    with pytest.raises(ValidationError):
        Attachment.model_validate(given | change)
