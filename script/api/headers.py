"""Reads the public headers: which declarations they have, and what the comments before them say.

No compiler: it knows the C++ that include/chorus is written in, as script/format lays it out. What it does not
understand it refuses with a line number, so that nothing is left out in silence.
"""
import dataclasses
import re

TOKEN = re.compile(r"""
  (?P<directive>^[ \t]*\#(?:.*\\\n)*.*)
 |(?P<after>///<.*)
 |(?P<doc>///.*)
 |(?P<plain>//.*)
 |(?P<string>"(?:\\.|[^"\\])*")
 |(?P<number>\d(?:'?[\w.])*)
 |(?P<char>'(?:\\.|[^'\\])*')
 |(?P<word>\w+)
 |(?P<mark>::|->|<<|\.\.\.|==|!=|<=|>=|&&|\|\||\S)
""", re.X | re.M)
COMMENTS = ("directive", "after", "doc", "plain")
CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
OWN = "chorus"  # what stands in namespaces below it is the library's own business

# A doc that begins so: public for the compiler's sake, not for who uses the library.
ITS_OWN = "For Chorus itself"


@dataclasses.dataclass
class Token:
    kind: str
    text: str
    start: int
    line: int

    @property
    def end(self):
        return self.start + len(self.text)


@dataclasses.dataclass
class Item:
    """One declaration, or (kinds "heading" and "remark") a comment that stands for itself."""
    kind: str  # class, struct, enum, value, function, field, alias, concept, variable, specialisation, forward, fact
    name: str
    line: int
    signature: str = ""
    doc: list = dataclasses.field(default_factory=list)  # lines, without `///`
    members: list = dataclasses.field(default_factory=list)
    bases: str = ""
    type: str = ""
    default: str = ""
    same: bool = False  # shares the comment of the one before, which has the same name

    @property
    def its_own(self):
        return " ".join(self.doc).startswith(ITS_OWN)


class HeaderError(Exception):
    pass


def tokens_of(text):
    tokens, line, seen = [], 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        tokens.append(Token(match.lastgroup, match[0], match.start(), line))
    return tokens


class Header:
    """`summary`: the comment at the top, as paragraphs of lines. `items`: what stands in namespace chorus."""

    def __init__(self, text):
        self.text = text
        self.tokens = tokens_of(text)
        self.at = 0
        self.summary = self._read_plain() if self.tokens and self.tokens[0].kind == "plain" else []
        self.items = self._read_namespaces()

    # ---- Tokens ----

    def _peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def _fail(self, token, why):
        raise HeaderError(f"line {token.line if token else '?'}: {why}")

    def _skip_comments(self):
        while (token := self._peek()) is not None and token.kind in COMMENTS:
            self.at += 1
        return token

    def _skip_group(self):
        """Behind the bracket that closes the one it stands at."""
        opening = self._peek()
        closing, depth = CLOSING[opening.text], 0
        while (token := self._peek()) is not None:
            self.at += 1
            if token.kind != "mark":
                continue
            if token.text == opening.text:
                depth += 1
            elif token.text == closing:
                depth -= 1
                if depth == 0:
                    return token
            elif opening.text == "<" and token.text == "(":
                self.at -= 1
                self._skip_group()
        self._fail(opening, f"nothing closes this {opening.text}")

    def _lines(self, kinds):
        """The comment lines of these kinds that follow each other directly."""
        lines, last = [], None
        while (token := self._peek()) is not None and token.kind in kinds and (last is None or token.line == last + 1):
            lines.append(re.sub(r"^//(/<?)? ?", "", token.text).rstrip())
            last = token.line
            self.at += 1
        return lines

    def _read_plain(self):
        return self._lines(("plain",))

    # ---- Scopes ----

    def _read_namespaces(self):
        items = []
        while (token := self._peek()) is not None:
            if token.text != "namespace":
                self.at += 1
                continue
            name = self._peek(1).text
            self.at += 2
            if name != OWN:
                self._skip_group()
                continue
            self.at += 1
            items += self._read_scope(OWN)
        return items

    def _read_scope(self, owner, public=True):
        """What is public up to the closing brace, in its order."""
        items, doc, end_line = [], [], 0
        while True:
            token = self._peek()
            if token is None:
                self._fail(self.tokens[-1], f"{owner} is not closed")
            if token.text == "}":
                self.at += 1
                return items
            before = self.tokens[self.at - 1]
            if token.kind == "directive":
                self.at += 1
            elif token.kind == "after":
                text = self._lines(("after",))
                for item in reversed(items):  # all that the declaration before it declares
                    if item.line != items[-1].line:
                        break
                    item.doc, item.same = text, False
                end_line = self.tokens[self.at - 1].line
            elif token.kind == "doc":
                doc = self._lines(("doc",))
                end_line = 0
            elif token.kind == "plain":
                if token.line == before.line:
                    self.at += 1
                else:
                    items += self._remark(self._read_plain(), token.line, public)
            elif token.text in ("public", "private", "protected") and self._peek(1).text == ":":
                public = token.text == "public"
                self.at += 2
            elif token.text == "namespace":
                self.at += 2
                self._skip_group()
            elif token.text == ";":
                self.at += 1
            else:
                found = self._read_declaration(owner)
                adjacent = token.line == end_line + 1
                for item in found if public else ():
                    item.doc = item.doc or doc
                    last = next((each for each in reversed(items) if each.kind not in ("heading", "remark")), None)
                    item.same = bool(adjacent and not item.doc and last is not None and last.name == item.name
                                     and (last.doc or last.same))
                    items.append(item)
                doc, end_line = [], self.tokens[self.at - 1].line

    @staticmethod
    def _remark(lines, line, public):
        if not public:
            return []
        heading = re.fullmatch(r"-+ (.*?) -+", " ".join(lines))
        return [Item("heading", heading[1], line) if heading else Item("remark", "", line, doc=lines)]

    # ---- Declarations ----

    def _read_declaration(self, owner):
        first = self._peek()
        start, words, name_at = first.start, [], None  # words: (text) of the depth nothing is opened at
        equals = parens = initialisers = False
        members, kind, body_at = None, None, None
        while True:
            token = self._skip_comments()
            if token is None:
                self._fail(first, "a declaration has no end")
            before = words[-1] if words else ""
            if token.text == ";":
                self.at += 1
                return self._declared(first, owner, words, name_at, body_at or token.start, token.start, members, kind,
                                      parens)
            if token.text in "([" or (token.text == "<" and not equals and before not in ("operator", ")")):
                if token.text == "(" and not equals and not initialisers and name_at is None and words and (
                        words[0] != "template" or len(words) > 2) and before not in ("requires", "operator"):
                    parens, name_at = True, self.at
                self._skip_group()
                words.append({"(": ")", "[": "]", "<": ">"}[token.text])
                continue
            if token.text == "{":
                kinds = [each for each in words if each in ("class", "struct", "enum", "union")]
                if kinds and not parens and not equals:
                    kind, body_at = kinds[0], token.start
                    self.at += 1
                    members = self._read_values() if kind == "enum" else self._read_scope("a class", kind != "class")
                    words.append("{}")
                    continue
                if parens and not equals and "concept" not in words and not (initialisers and before not in (")", "{}")):
                    end = token.start
                    self._skip_group()
                    return self._declared(first, owner, words, name_at, body_at or end, end, None, None, True)
                if body_at is None and not initialisers and not equals:
                    body_at = token.start
                self._skip_group()
                words.append("{}")
                continue
            if token.text == "=" and before != "operator":
                if not equals and body_at is None:
                    body_at = token.start
                equals = True
            if token.text == ":" and parens:
                initialisers, body_at = True, body_at or token.start
            words.append(token.text)
            self.at += 1

    def _read_values(self):
        values = []
        doc = []
        while (token := self._peek()).text != "}":
            if token.kind == "after":
                values[-1].doc = self._lines(("after",))
            elif token.kind == "doc":
                doc = self._lines(("doc",))
            elif token.kind == "word":
                values.append(Item("value", token.text, token.line, doc=doc))
                doc = []
                self.at += 1
                while self._peek().text not in (",", "}") and self._peek().kind not in COMMENTS:
                    self.at += 1
            else:
                self.at += 1
        self.at += 1
        return values

    def _source(self, start, end):
        """As it stands there, without comments and the indentation of its first line."""
        text = re.sub(r"[ \t]*//.*", "", self.text[start:end]).rstrip()
        indent = start - (self.text.rfind("\n", 0, start) + 1)
        return re.sub(rf"\n {{0,{indent}}}", "\n", text)

    def _declared(self, first, owner, words, name_at, head_end, end, members, kind, parens):
        if words[0] in ("static_assert", "friend"):
            return self._fact(words, first) if words[0] == "friend" else []
        signature = self._source(first.start, head_end)
        if members is not None:
            return self._type(first, signature, kind, members, end)
        if words[0] == "using":
            return [Item("alias", words[1], first.line, self._source(first.start, end))]
        if "concept" in words:
            return [Item("concept", words[words.index("concept") + 1], first.line, self._source(first.start, end))]
        if parens and not re.search(r"\(\*\w+\)\(", signature):
            return self._function(first, owner, signature, name_at, head_end, self._source(head_end, end))
        if re.match(r"(template <[^>]*>\s*)?(class|struct) \w+$", signature):  # a forward declaration
            return [Item("forward", words[-1], first.line, signature)]
        return self._fields(first, owner, signature, self._source(first.start, end))

    @staticmethod
    def _fact(words, first):
        return [Item("fact", "Two of them compare with `==`.", first.line)] if "==" in words else []

    def _type(self, first, signature, kind, members, end):
        match = re.search(r"\b(?:enum class|class|struct|enum|union) (\w+)(<.*?>)?(?:\s+:\s+(.*))?$", signature, re.S)
        if match is None:
            self._fail(first, f"no name in {signature!r}")
        name, special, bases = match.groups()
        item = Item("specialisation" if special else kind, name, first.line, signature, members=members,
                    bases=(bases or "").strip(), type=(special or "")[1:-1])
        after = self.text[self.tokens[self.at - 2].start:end] if self.tokens[self.at - 2].text != "}" else ""
        declarator = re.search(r"\}\s*(\w+)(?:\s*=\s*(.*))?$", self.text[first.start:end], re.S) if after else None
        if declarator is None:
            return [item]
        return [item, Item("field", declarator[1], first.line, type=name, default=declarator[2] or "")]

    def _function(self, first, owner, signature, name_at, head_end, rest):
        token, before = self.tokens[name_at - 1], self.tokens[name_at - 2]
        head = self.text[first.start:self.tokens[name_at].start]
        operator = re.search(r"\boperator\b\s*(.*)$", head, re.S)
        name = f"operator{' ' if operator[1][:1].isalpha() else ''}{operator[1]}" if operator else token.text
        if head.endswith("operator"):
            name = "operator()"
        if before.text == "::" and owner == OWN:
            return []  # the body of what is declared elsewhere
        if before.text == "~":
            return []
        parameters = self.text[self.tokens[name_at].start:head_end].partition(")")[0].strip("()")
        special = re.fullmatch(r"(\w+)(?:<\w+>)?( const)?\s?(&&?)?(?: \w+)?", parameters)
        if special and special[3 if name != "operator=" else 1] and (name == special[1] or name == "operator="):
            return self._copying(name, special[3], rest, first)
        if name == "operator==":
            return [Item("fact", "Two of them compare with `==`.", first.line)]
        return [Item("function", name, first.line, signature)]

    @staticmethod
    def _copying(name, reference, rest, first):
        """What is said of the class in place of its constructors and assignments from its like."""
        if rest != "= delete":
            return []
        if name == "operator=":
            return [Item("fact", "Cannot be assigned to.", first.line)]
        return [Item("fact", "Cannot be copied." if reference == "&" else "Cannot be moved.", first.line)]

    def _fields(self, first, owner, signature, whole):
        kind, text = "variable" if owner == OWN else "field", " ".join(whole.split())
        pointer = re.search(r"\(\*(\w+)\)\(", signature)
        if pointer:
            return [Item(kind, pointer[1], first.line, text, type=signature, default=whole[len(signature):].lstrip(" ="))]
        masked = re.sub(r'"[^"]*"|\([^)]*\)|\{[^}]*\}', lambda match: "_" * len(match[0]), text)
        cuts = [match.start() for match in re.finditer(r", \w+(?= =|,|$)", masked)]
        parts = [text[a:b].strip(", ") for a, b in zip([0, *cuts], [*cuts, len(text)])]
        match = re.fullmatch(r"(.*?[\s&*])(\w+(?:\s*=.*|\s*\{.*\})?)", parts[0], re.S)
        if match is None:
            self._fail(first, f"cannot read {text!r}")
        items = []
        for each in [match[2], *parts[1:]]:
            name, equals, value = re.fullmatch(r"(\w+)\s*(=\s*)?(.*)", each, re.S).groups()
            value = value[1:-1] if value.startswith("{") and not equals else value
            items.append(Item(kind, name, first.line, text, type=match[1].strip(), default=value))
        return items
