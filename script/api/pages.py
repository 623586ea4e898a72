"""Makes the pages of docs/api from the headers: one for each, and README.md with the indexes."""
import re

from headers import ITS_OWN, OWN
from text import Writer, capital, node_names, sentence, slug

SOCKET_IO = "https://socket.io/docs/v4/server-options/#"
NOT_ON_THAT_PAGE = {"maxAttachments"}
# Namespaces below chorus:: whose types a program cannot name: what speaks of them is Chorus's own business.
INTERNAL = re.compile(r"\b(detail|socket|server|cluster)::")
AS_ANOTHER = re.compile(r"What\s+has\s+no\s+comment\s+here\s+does\s+as\s+(\w+)'s\s+of\s+the\s+same\s+name\.\s*")
TYPES = ("class", "struct", "enum", "forward")
EMPTY = ("std::string", "std::vector", "std::function", "std::optional", "std::string_view", "std::any", "std::shared_ptr")
UNITS = (("nanoseconds", "ns"), ("milliseconds", "ms"), ("seconds", "s"))


def is_own(item):
    return item.its_own or item.kind in ("function", "alias", "field") and INTERNAL.search(item.signature) is not None


def model_of(item):
    """The class whose functions explain those of `item` that say nothing."""
    match = AS_ANOTHER.search(" ".join(item.doc))
    return match[1] if match else None


def plain_constructor(scope, item):
    return item.kind == "function" and item.signature == f"{item.name}()" and item.name == scope.split("::")[-1]


def own_anchor(scope, item):
    return slug(f"{scope} {item.name}")


def bases_of(item):
    return re.findall(r"public (\w+)", item.bases)


class Reference:
    """`headers`: {file name: Header}. All pages, and what is wrong with the headers."""

    def __init__(self, headers):
        self.headers = headers
        self.addresses = {}  # qualified name: (page, anchor)
        self.node = {}       # Node's name: the qualified names of what stands for it
        self.kinds = {}
        self._slugs = {}     # page: {slug: how many headings have it}
        self.problems = []
        self.types = {}      # those with members
        for header in headers.values():
            self._gather_types("", header.items)
        for file, header in headers.items():
            self._enter(file, self._page(file), "", header.items)
        self.by_last = {}
        for name in self.addresses:
            self.by_last.setdefault(name.split("::")[-1], []).append(name)

    @staticmethod
    def _page(file):
        return file.removesuffix(".hpp") + ".md"

    def _gather_types(self, scope, items):
        for item in items:
            if item.members and item.kind != "specialisation":
                self.types[scope + item.name] = item
                self._gather_types(f"{scope}{item.name}::", item.members)

    def _enter(self, file, page, scope, items, model=None):
        for item in items:
            if item.kind in ("heading", "remark", "specialisation", "fact") or (item.kind == "forward" and not item.doc):
                continue
            name = f"{scope}::{item.name}" if scope else item.name
            if not (item.doc or item.same or is_own(item) or item.kind == "value"
                    or plain_constructor(scope, item) or self.explains(model, item.name)):
                self.problems.append(f"{file}:{item.line}: {name} has no comment")
            if name not in self.addresses:
                self.addresses[name] = (page, self._anchor(page, scope, item, name))
            self.kinds.setdefault(name, item.kind)
            for each in node_names(item.doc):
                self.node.setdefault(each, []).append(name)
            if not is_own(item):
                self._enter(file, page, name, item.members, model_of(item))

    def _anchor(self, page, scope, item, name):
        """A heading's as GitHub makes it, where several would have the same; other things bring their own."""
        if is_own(item):
            return self.addresses[scope][1] if scope else ""
        if item.kind in ("field", "value"):
            return own_anchor(scope, item)
        slugs = self._slugs.setdefault(page, {})
        count = slugs[slug(name)] = slugs.get(slug(name), -1) + 1
        return f"{slug(name)}-{count}" if count else slug(name)

    def explains(self, type_, name):
        """Whether this type, a base of it or what it does as says what its member of this name is."""
        item = self.types.get(type_)
        return item is not None and (any(each.name == name and each.doc for each in item.members)
                                     or self.explains(model_of(item), name)
                                     or any(self.explains(base, name) for base in bases_of(item)))

    def find(self, page):
        """A function that finds what a name means in a scope of this page."""
        def find(name, scope):
            name = name.removesuffix("()").removeprefix(f"{OWN}::").lstrip("~")
            inner = scope
            while True:
                full = f"{inner}::{name}" if inner else name
                if full in self.addresses:
                    break
                if not inner:
                    last = name.split("::")[-1]
                    found = [each for each in self.by_last.get(last, ()) if each.endswith(name)]
                    if len(found) != 1 or ("_" not in last and "::" not in name):
                        return None
                    full = found[0]
                    break
                inner = inner.rpartition("::")[0]
            target, anchor = self.addresses[full]
            return f"#{anchor}" if target == page else f"{target}#{anchor}"
        return find

    def pages(self):
        out = {self._page(file): Page(self, file, header).text() for file, header in self.headers.items()}
        return out | {"README.md": self._index()}

    def _link(self, name, text=None):
        page, anchor = self.addresses[name]
        return f"[{text or name}]({page}#{anchor})"

    def _index(self):
        out = ["# API reference", "",
               "Every public declaration, from the comments of `include/chorus`; written by `script/reference`, checked by",
               "`script/test`. To learn the library read the [guide](../guide/README.md); who knows Socket.IO's server finds",
               "each of its names in [coming from Node.js](../from-node.md) and, where a header names it, [below](#by-the-name-in-nodejs).", "",
               "Two words: a thing's **own worker** is the thread that its handlers run on; a **turn** is one run of that",
               "thread's loop ([threads](../threading.md)).", "",
               "| header | what it is for | names |", "|---|---|---|"]
        for file, header in self.headers.items():
            names = [item.name for item in header.items if item.kind in TYPES + ("alias", "function", "concept", "variable")
                     and item.name in self.addresses and self.addresses[item.name][0] == self._page(file)
                     and not is_own(item)]
            shown = ", ".join(self._link(each, f"`{each}`") for each in dict.fromkeys(names))
            what = re.sub(r"^(Optional|\w+): ", "", sentence(header.summary))
            out.append(f"| [{file}]({self._page(file)}) | {capital(what)} | {shown} |")
        out += ["", "## By name", ""]
        letters = {}
        for last, names in self.by_last.items():
            names = [each for each in names if self.kinds[each] != "value" and not self._hidden(each)]
            if names:
                letters.setdefault(last[0].upper(), {})[last] = names
        for letter in sorted(letters):
            out += [f"### {letter}", ""]
            for last in sorted(letters[letter], key=lambda each: (each.lower(), each)):
                homes = sorted(letters[letter][last], key=lambda each: (each.count("::"), each))
                shown = [self._link(each, each.rpartition("::")[0] or self.kinds[each]) for each in homes]
                out.append(f"- `{last}`: {', '.join(shown)}")
            out.append("")
        out += ["## By the name in Node.js", "", "| Node.js | here |", "|---|---|"]
        for each in sorted(self.node, key=str.lower):
            out.append(f"| `{each}` | {', '.join(self._link(name, f'`{name}`') for name in self.node[each])} |")
        return "\n".join(out) + "\n"

    def _hidden(self, name):
        return any(part.startswith("operator") for part in name.split("::")) or name.split("::")[-1:] == name.split("::")[-2:-1]


class Page:
    def __init__(self, reference, file, header):
        self._reference, self._file, self._header = reference, file, header
        self._name = reference._page(file)
        self._find = reference.find(self._name)
        self._write = Writer(self._find)

    def text(self):
        items = [item for item in self._header.items if item.kind != "forward" or item.doc]
        out = [f"# {self._file}", "",
               f"`#include <chorus/{self._file}>` · [source](../../include/chorus/{self._file}) · [all headers](README.md)", ""]
        for paragraph in self._write.paragraphs(self._header.summary, ""):
            out += [paragraph, ""]
        contents = {item.name: item for item in reversed(items)
                    if item.doc and item.kind not in ("heading", "remark", "specialisation") and not is_own(item)}
        if len(contents) > 1:
            out += ["| | |", "|---|---|"]
            for name in dict.fromkeys(item.name for item in items):
                if name in contents:
                    item = contents[name]
                    out.append(f"| [`{name}`]({self._find(name, '')}) | {self._write.cell([sentence(item.doc)], '')} |")
            out.append("")
        out += self._items(items, "", 2)
        return "\n".join(out).rstrip() + "\n"

    # ---- What a scope has ----

    def _items(self, items, scope, level):
        """Fields as tables, functions of one name together, types in sections of their own behind all that."""
        out, nested, done, own = [], [], set(), [item.signature for item in items if is_own(item)]
        items = [item for item in items if not is_own(item) and item.kind != "fact" and
                 (item.doc or not plain_constructor(scope, item))]
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            if item.kind == "heading":
                if at < len(items):
                    out += ["---", "", f"*{item.name}*", ""]
            elif item.kind == "remark":
                for paragraph in self._write.paragraphs(item.doc, scope):
                    out += [paragraph, ""]
            elif item.kind in TYPES and scope:
                nested.append(item)
            elif item.kind in TYPES:
                out += self._type(item, item.name, level)
            elif item.kind == "field":
                fields = [item]
                while at < len(items) and items[at].kind in ("field", *TYPES):
                    (fields if items[at].kind == "field" else nested).append(items[at])
                    at += 1
                out += self._fields(fields, scope)
            elif item.kind == "specialisation":
                some = [item]
                while at < len(items) and items[at].kind == "specialisation":
                    some.append(items[at])
                    at += 1
                out += self._specialisations(some)
            elif item.name not in done:
                done.add(item.name)
                out += self._callables([each for each in items if each.name == item.name and each.kind == item.kind],
                                       scope, level)
        if own:
            out += [f"{ITS_OWN}:", "", "```cpp", *own, "```", ""]
        for item in nested:
            out += self._type(item, f"{scope}::{item.name}", level - 1)
        return out

    def _type(self, item, name, level):
        out = [f"{'#' * level} {name}", ""]
        if item.signature.startswith("template") or item.bases:
            out += ["```cpp", item.signature, "```", ""]
        doc = AS_ANOTHER.sub("", "\n".join(item.doc)).split("\n")
        for paragraph in self._write.paragraphs(doc, name):
            out += [paragraph, ""]
        facts = list(dict.fromkeys(each.name for each in item.members if each.kind == "fact"))
        if any(plain_constructor(name, each) and not each.doc for each in item.members):
            facts.append("Can be made without arguments.")
        if "Cannot be copied." in facts and "Cannot be assigned to." in facts:
            facts.remove("Cannot be assigned to.")
        for base in bases_of(item):
            if address := self._find(base, ""):
                facts.append(f"Has all that [`{base}`]({address}) has.")
        if facts:
            out += [" ".join(facts), ""]
        if item.kind == "enum":
            return out + self._values(item.members, name)
        return out + self._overview(item, name) + self._items(item.members, name, level + 1)

    def _overview(self, item, name):
        """Of a class with many functions: all of them, a line for each group that the header makes."""
        groups, seen = [("", [])], set()
        for each in item.members:
            if each.kind == "heading":
                groups.append((each.name, []))
            elif (each.kind == "function" and not is_own(each) and each.name not in seen
                  and (each.doc or not plain_constructor(name, each))):
                seen.add(each.name)
                groups[-1][1].append(f"[`{each.name}`]({self._find(each.name, name)})")
        if len(seen) <= 6:
            return []
        if len(groups) == 1:
            return [" · ".join(groups[0][1]), ""]
        rows = [f"| {group} | {' · '.join(functions)} |" for group, functions in groups if functions]
        return ["| | |", "|---|---|", *rows, ""]

    def _values(self, values, scope):
        if not any(value.doc for value in values):
            return ["Values: " + ", ".join(f"{self._anchor(scope, value)}`{value.name}`" for value in values) + ".", ""]
        out = ["| value | meaning |", "|---|---|"]
        for value in values:
            anchor = self._anchor(scope, value)
            out.append(f"| {anchor}`{value.name}` | {self._write.cell(value.doc, scope)} |")
        return [*out, ""]

    @staticmethod
    def _anchor(scope, item):
        return f'<a id="{own_anchor(scope, item)}"></a>'

    def _fields(self, fields, scope):
        rows = []
        for field in fields:
            unit, doc = self._unit(field)
            rows.append({"name": f"{self._anchor(scope, field)}`{field.name}`", "type": self._typed(field.type, scope),
                         "default": self._default(field), "unit": unit, "Node.js": self._node(field, scope),
                         "meaning": " ".join(self._write.paragraphs(doc, scope, names=False)).replace("|", "\\|")})
        plain = all(row["default"] in ("", "empty", "`0`", "`false`") for row in rows)
        columns = [each for each in rows[0] if any(row[each] for row in rows) and not (each == "default" and plain)]
        out = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        out += ["| " + " | ".join(row[each] for each in columns) + " |" for row in rows]
        return [*out, ""]

    @staticmethod
    def _unit(field):
        text = "\n".join(field.doc)
        if text.startswith("bytes; "):
            return "bytes", text.removeprefix("bytes; ").split("\n")
        for type_, unit in UNITS:
            if type_ in field.type and "(" not in field.type:
                return unit, field.doc
        return ("bytes" if re.search(r"(^|_)bytes(_|$)", field.name) and "string" not in field.type else ""), field.doc

    def _typed(self, type_, scope):
        code = f"`{type_}`".replace("|", "\\|")
        known = [self._find(word, scope) for word in dict.fromkeys(re.findall(r"(?<!:)\b[A-Z]\w+(?:::\w+)*", type_))]
        known = [each for each in known if each]
        return f"[{code}]({known[0]})" if known else code

    @staticmethod
    def _default(field):
        if field.default and field.default != "{}":
            return f"`{field.default}`".replace("|", "\\|")
        return "empty" if re.match("|".join(EMPTY), field.type) else ""

    @staticmethod
    def _node(field, scope):
        return ", ".join(f"[`{each}`]({SOCKET_IO}{each.lower()})" if scope == "ServerOptions"
                         and each not in NOT_ON_THAT_PAGE else f"`{each}`" for each in node_names(field.doc))

    def _callables(self, items, scope, level):
        name = f"{scope}::{items[0].name}" if scope else items[0].name
        out = [f"{'#' * level} {name}", ""]
        blocks = []  # those that share a comment together
        for item in items:
            if item.same and blocks:
                blocks[-1].append(item)
            else:
                blocks.append([item])
        for block in blocks:
            source = "\n".join(re.sub(r"^(\w+ )?inline ", r"\1", item.signature) for item in block)
            out += ["```cpp", source, "```", ""]
            doc = next((item.doc for item in block if item.doc), [])
            if not doc and scope and (model := model_of(self._reference.types[scope])):
                doc = [f"As {model}::{items[0].name}."]
            for paragraph in self._write.paragraphs(doc, scope):
                out += [paragraph, ""]
            if seen := self._types_in(source, [*scope.split("::"), items[0].name]):
                out += [seen, ""]
        return out

    def _types_in(self, source, hidden):
        names = [each for each in dict.fromkeys(re.findall(r"\b[A-Z]\w+", source))
                 if each in self._reference.addresses and each not in hidden]
        return "<sub>" + " · ".join(f"[{each}]({self._find(each, '')})" for each in names) + "</sub>" if names else ""

    def _specialisations(self, items):
        out = []
        for item in items:
            over = re.match(r"template <(?:detail::)?([A-Z]\w+) T>", item.signature)  # of a concept
            shown = f"any {over[1]}" if over and item.type == "T" else f"`{item.type}`"
            doc = " ".join(self._write.paragraphs(item.doc, ""))
            out.append(f"- [`{item.name}`]({self._find(item.name, '')}) of {shown}{': ' + doc if doc else ''}")
        return [*out, ""]
