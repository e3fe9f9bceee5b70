import re
from pathlib import Path

from kgrec_gds.cli import COMMANDS, reference
from kgrec_gds.client import KnowledgeGraph

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_reference_in_docs_is_the_help_of_the_commands() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference.markdown(), "run: python -m kgrec_gds.cli.reference > docs/commands.md"


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
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        if not target.startswith(("http:", "https:", "mailto:")) and not (document.parent / target).exists()
    ]
    assert broken == []
