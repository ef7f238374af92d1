"""The fenced blocks of a Markdown page, and what the page says about running them."""

import re

import attrs

FENCE = re.compile(
    r"(?:^<!-- run: (?P<note>.*?) -->\n)?^```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NOTES = ("not here: ", "exit ", "with ")


@attrs.frozen
class Block:
    """One block: its language, the file that it is (`title`), and how to run it (`note`).

    `note`: "not here: REASON", "exit CODE", or "with ARGUMENTS" that make its commands shorter.
    """

    language: str
    text: str
    title: str | None
    note: str
    line: int

    @property
    def code(self) -> str:
        """What is to be run: of a `console` block the lines after `$`."""
        text = self.text
        if self.language == "console":
            text = "\n".join(line[2:] for line in text.splitlines() if line.startswith("$ "))
        if self.note.startswith("with "):
            text = re.sub(r"^(phosphene [^\n#]*)", rf"\1 {self.note[5:]} ", text, flags=re.MULTILINE)
        return text

    @property
    def exit_code(self) -> int:
        return int(self.note[5:]) if self.note.startswith("exit ") else 0

    @property
    def runs(self) -> bool:
        return not self.note.startswith("not here: ")


def blocks_of(page: str) -> list[Block]:
    return [
        Block(m["language"], m["text"], m["title"], m["note"] or "", page[: m.start()].count("\n") + 1)
        for m in FENCE.finditer(page)
    ]
