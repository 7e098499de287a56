"""The README keeps its word: its story runs as printed, and its map shows the whole house."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.world import Servers

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
LAST_WORDS = [
    "coordination is held by SE0000000000-TESTRVMSTROKE1",
    "rehab is held by SE0000000000-TESTK1980REH",
]


def story() -> str:
    """The README's blocks for bash, as printed."""
    return "\n".join(re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))


def run_story(servers: Servers) -> subprocess.CompletedProcess[str]:
    """The story, told where to find the servers by the variables that it honours itself."""
    ours = str(Path(sys.executable).parent)
    told = {
        "HANDSLAG_HOME": str(servers.house.home),
        "HANDSLAG_PUBLIC_URL": servers.house.address,
        "PATH": f"{ours}:{os.environ['PATH']}",
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", story()],
        cwd=ROOT,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="the story needs curl")
def test_the_first_story_runs_as_printed_and_again(servers: Servers) -> None:
    first = run_story(servers)
    again = run_story(servers)

    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.splitlines()[-2:] == LAST_WORDS
    assert "('rehab', 'received', 'Första hembesök inom en vardag.')" in first.stdout
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.splitlines()[-2:] == LAST_WORDS


def test_every_folder_is_in_the_map() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [Path(line) for line in listed.stdout.splitlines()]
    folders = {f.parts[0] for f in files if len(f.parts) > 1 and not f.parts[0].startswith(".")}

    missing = sorted(name for name in folders if f"| `{name}/` |" not in README)

    assert not missing, f"a new folder gets a line in README.md's map: {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_every_link_and_every_path_in_the_documents_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    paths = re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.[a-z]+)(?:::\w+)?`", text)

    broken = [link for link in links if not (document.parent / link).exists()]
    broken += [path for path in paths if not (ROOT / path).exists()]

    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", document.read_text(encoding="utf-8"))

    gone = [f"{f}::{t}" for f, t in named if not re.search(rf"\b{t}\b", (ROOT / f).read_text())]

    assert not gone
