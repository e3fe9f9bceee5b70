import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generate import commands as reference
from docs.generate import settings as settings_reference
from kgrec_gds.cli import COMMANDS
from kgrec_gds.client import KnowledgeGraph

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_reference_in_docs_is_the_help_of_the_commands() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    # A process of its own: click keeps a command's help option as its first caller asked for it.
    command = [sys.executable, str(ROOT / "docs" / "generate" / "commands.py")]
    generated = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert written == generated, "run: python docs/generate/commands.py > docs/commands.md"


def test_every_command_has_help_and_a_section_in_the_reference() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, command in reference.commands():
        assert command.help, f"{name} has no help"
        assert f"## {name}\n" in written


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`kgrec-gds {name}" not in readme] == []


def test_every_method_is_in_the_python_reference() -> None:
    written = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    methods = [name for name in vars(KnowledgeGraph) if not name.startswith("_")]
    assert [name for name in methods if f"`kg.{name}" not in written] == []


def test_every_link_between_documents_has_a_target() -> None:
    names = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
    documents = [*(ROOT / name for name in names), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        if not target.startswith(("http:", "https:", "mailto:")) and not (document.parent / target).exists()
    ]
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text(encoding="utf-8")
    pages = {str(path.relative_to(docs)) for path in docs.rglob("*.md")} - {"README.md"}
    assert sorted(page for page in pages if f"]({page})" not in index) == []


def test_the_tables_of_settings_are_those_of_the_code() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == settings_reference.page(written), (
        "run: python docs/generate/settings.py docs/settings.md"
    )


@pytest.mark.parametrize("heading", settings_reference.CLASSES)
def test_every_setting_says_what_it_is(heading: str) -> None:
    settings = list(settings_reference.fields(*settings_reference.CLASSES[heading]))
    assert settings
    assert [name for name, _, meaning in settings if not meaning] == []


def test_every_environment_variable_of_the_project_is_in_the_settings() -> None:
    sources = [*(ROOT / "kgrec_gds").rglob("*.py"), ROOT / "docker" / "compose.yml"]
    used = {
        name for path in sources for name in re.findall(r"KGREC_[A-Z_]+", path.read_text(encoding="utf-8"))
    }
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert sorted(name for name in used if f"`{name}`" not in written) == []


def _texts() -> set[str]:
    """All texts of the package, with an ellipsis in place of each value."""
    found = set()
    for path in (ROOT / "kgrec_gds").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                found.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_troubleshooting_quotes_messages_of_the_code() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)
    texts = "\n".join([*_texts(), *map(_java_messages, (ROOT / "plugin" / "src").rglob("*.java"))])
    assert quoted
    assert [message for message in quoted if message not in texts] == []


def _java_messages(path: Path) -> str:
    """Source text with concatenated messages as one, … in place of values, and without the backticks around them."""
    text = re.sub(r'"\s*\+\s*"', "", path.read_text(encoding="utf-8"))
    return re.sub(r'"\s*\+[^";]*\+\s*"', "…", text).replace("`", "")


def _command_lines() -> list[tuple[str, str]]:
    """Page and text of every command of ours in a block of shell."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    return [
        (str(page.relative_to(ROOT)), line.strip().partition("kgrec-gds ")[2])
        for page in pages
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for line in block.splitlines()
        if re.match(r"\s*(?:\$ )?(?:[A-Z_]+=\S+ )*kgrec-gds ", line)
    ]


def test_commands_in_the_documents_exist_with_their_options() -> None:
    commands = {name.removeprefix("kgrec-gds").strip(): command for name, command in reference.commands()}
    wrong = []
    for page, line in _command_lines():
        words = shlex.split(line, comments=True)
        name = " ".join(words[:2]) if " ".join(words[:2]) in commands else words[0]
        parameters = commands[name].params if name in commands else []
        known = {"-h", "--help", *(option for parameter in parameters for option in parameter.opts)}
        if name not in commands or {word for word in words if word.startswith("-")} - known:
            wrong.append(f"{page}: kgrec-gds {line}")
    assert wrong == []
