"""From the comments of the headers to Markdown: paragraphs, labels, and links to what they name."""
import re

LABELS = "Thread|Lifetime|Errors|Order|Forms|Decoding|Incoming|Outgoing"
LABEL = re.compile(rf"(?:^|(?<=[.:)]) )({LABELS})((?: of `\w+`)?): ")
# The name that something has in Node.js: [pingInterval], [origin, given as a string].
NODE_NAME = re.compile(r"(?:^|(?<= ))\[([a-z][A-Za-z0-9_.]*(?:,? [^\]]*)?)\](?= |[.,;:)]|$)")
# What a page shows by its layout.
SAID_BY_THE_PAGE = re.compile(r"Names in brackets are (?:[^.]|\.(?=\S))*\.(?: |$)")
LINKABLE = re.compile(r"(?<![\w/.:<])(?:~?[A-Za-z_]\w*(?:::~?\w+)+|\w+\(\)|[a-z]\w*_\w+|(?:[A-Z][a-z0-9]+){2,})(?:\(\))?(?![\w/])")


def sentence(lines):
    """The first one, for lists."""
    paragraph = lines[:lines.index("")] if "" in lines else lines
    text = NODE_NAME.sub("", " ".join(line for line in paragraph if not line.startswith("  ")))
    first = re.split(r"(?<=[.!?]) (?=[A-Z`])|: (?=`)", text)[0]
    return re.sub(r"\s+(?=[.,](?!\.)|$)", "", first).rstrip(".:")


def node_names(lines):
    return NODE_NAME.findall(" ".join(lines))


class Writer:
    """Writes comments for one page. `find(name, scope)` gives the address of what a name means there, or None."""

    def __init__(self, find):
        self._find = find

    def _code(self, name, scope):
        address = self._find(name, scope)
        if address is None and re.fullmatch(r"(?:[A-Z][a-z]+){2,}", name):  # WebSocket is but a word
            return name
        return f"[`{name}`]({address})" if address else f"`{name}`"

    def line(self, text, scope):
        """Prose on one line, with its code spans."""
        out = []
        for part in re.split(r"(`[^`]+`)", text):
            if part.startswith("`"):
                out.append(self._code(part.strip("`"), scope))
                continue
            at = 0
            for match in LINKABLE.finditer(part):
                out += [escape(part[at:match.start()]), self._code(match[0], scope)]
                at = match.end()
            out.append(escape(part[at:]))
        return "".join(out)

    def cell(self, lines, scope):
        return " ".join(self.paragraphs(lines, scope)).replace("|", "\\|").replace("\n", " ")

    def paragraphs(self, lines, scope, names=True):
        """Markdown paragraphs. `names`: whether those of Node.js stay in the text."""
        out, prose, code = [], [], []

        def flush():
            if code:
                indent = min(len(line) - len(line.lstrip()) for line in code if line)
                out.append("\n".join(["```cpp", *(line[indent:] for line in code), "```"]))
            elif prose:
                out.extend(self._prose(" ".join(prose), scope, names))
            code.clear()
            prose.clear()

        for line in lines:
            if bool(code) != line.startswith("  ") or not line:
                flush()
            if line.startswith("  "):
                code.append(line)
            elif line:
                prose.append(line)
        flush()
        return out

    def _prose(self, text, scope, names):
        text = NODE_NAME.sub(lambda match: f"(Node.js: `{match[1]}`)" if names else "", text)
        text = SAID_BY_THE_PAGE.sub("", re.sub(r"  +", " ", text)).strip(" ")
        parts = LABEL.split(text)  # prose, then label, what it is of, prose, ...
        out = [self.line(capital(parts[0]), scope)] if parts[0] else []
        for label, of, what in zip(parts[1::3], parts[2::3], parts[3::3]):
            out.append(f"**{label}{of}:** {self.line(what, scope)}")
        return out


def capital(text):
    return text if re.match(r"\w+(_|::)|`", text) else text[:1].upper() + text[1:]


def escape(text):
    return re.sub(r"([*<])", r"\\\1", text)


def slug(heading):
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
