"""Text on the terminal, shown as it is: titles and ids are neither markup nor emoji codes nor commands."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

#: Control characters but line break and tab, and those that turn the direction of writing, as escapes.
_ESCAPES = {
    code: f"\\u{code:04x}"
    for code in (
        *range(9),
        *range(11, 32),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}


def literal(value: object) -> str:
    """Text of a value without what a terminal obeys: control characters become escapes. None is empty."""
    return "" if value is None else str(value).translate(_ESCAPES)


def literal_console(*, stderr: bool = False) -> "Console":
    """A console that shows every string as it is."""
    from rich.console import Console
    from rich.text import Text

    class LiteralConsole(Console):
        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(literal(text), **options)

    return LiteralConsole(stderr=stderr, markup=False, emoji=False, highlight=False)
