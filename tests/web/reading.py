"""Reads a page and a document back, with parsers that did not write them."""

from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from domain.patient_copy import PatientCopy
from web.patient_copy import as_html, as_pdf


class Html(HTMLParser):
    """What a reader meets: elements, attributes, headings, and the text without the style."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[tuple[int, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag != "meta":
            self._open.append(tag)
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"{tag} closes what it did not open"

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if self._open and self._open[-1] in ("h1", "h2", "h3"):
            level, said = self.headings.pop()
            self.headings.append((level, said + data))


def page(copy: PatientCopy) -> Html:
    """The copy as a parsed page."""
    return Html(as_html(copy))


def document(copy: PatientCopy) -> PdfReader:
    """The copy as a parsed document."""
    return PdfReader(BytesIO(as_pdf(copy)), strict=True)


def root(copy: PatientCopy) -> Any:
    """The document's catalogue: language, tags, how it is to be shown."""
    return document(copy).root_object


def printed(copy: PatientCopy) -> str:
    """All that the document says, on one line."""
    return " ".join(" ".join(p.extract_text() for p in document(copy).pages).split())


def roles(node: Any) -> list[str]:
    """The roles of the document's tags, in reading order."""
    node = node.get_object()
    if not isinstance(node, dict):
        return []
    kids = node.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    below = [role for kid in kids if not isinstance(kid, int) for role in roles(kid)]
    return [str(node["/S"]), *below] if "/S" in node else below
