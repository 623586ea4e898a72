"""python3 -m unittest discover -s script/api -p '*_test.py'"""
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from headers import Header, HeaderError  # noqa: E402
from pages import Reference  # noqa: E402
from text import slug  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def header(body):
    return Header(f"// Thing: what it is for.\n#pragma once\n#include <string>\n\nnamespace chorus {{\n{body}\n}}\n")


def reference(body):
    return Reference({"thing.hpp": header(body)})


def page(body):
    return reference(body).pages()["thing.md"]


class Headers(unittest.TestCase):
    def test_what_is_public_is_read_and_nothing_else(self):
        items = header("""
class Elsewhere;
namespace detail { struct Hidden {}; }
/// A class.
class Door : public Wall<Door> {
 public:
  explicit Door(int width, char mark = ')') : width_{width}, mark_(mark) { check("}"); }
  Door(Door const&) = delete;
  Door& operator=(Door const&) = delete;
  ~Door();
  /// Whether.
  template <class F>
  requires(sizeof(F) > 1'000) bool open(F f) const { return f() < 3; }
  explicit operator bool() const { return true; }
  enum class Side { left, right } side = Side::left;

 private:
  void lock();
  int width_ = 3;  // as built
};
""").items
        self.assertEqual([(each.kind, each.name) for each in items], [("forward", "Elsewhere"), ("class", "Door")])
        door = items[1]
        self.assertEqual(door.bases, "public Wall<Door>")
        self.assertEqual([(each.kind, each.name) for each in door.members],
                         [("function", "Door"), ("fact", "Cannot be copied."), ("fact", "Cannot be assigned to."),
                          ("function", "open"), ("function", "operator bool"), ("enum", "Side"), ("field", "side")])
        self.assertEqual(door.members[0].signature, "explicit Door(int width, char mark = ')')")
        self.assertEqual(door.members[3].signature, "template <class F>\nrequires(sizeof(F) > 1'000) bool open(F f) const")

    def test_fields_have_types_names_and_defaults(self):
        fields = header("""
struct S {
  std::map<int, std::string> table = {{1, "a, b = c"}};
  unsigned x = 1, y, z = 3;
  std::chrono::milliseconds wait{25'000};
  void (*act)(int) = nullptr;
};
""").items[0].members
        self.assertEqual([(each.type, each.name, each.default) for each in fields],
                         [("std::map<int, std::string>", "table", '{{1, "a, b = c"}}'), ("unsigned", "x", "1"),
                          ("unsigned", "y", ""), ("unsigned", "z", "3"), ("std::chrono::milliseconds", "wait", "25'000"),
                          ("void (*act)(int)", "act", "nullptr")])

    def test_what_it_does_not_understand_it_refuses_with_the_line(self):
        with self.assertRaisesRegex(HeaderError, "line 7: nothing closes"):
            header("struct S {\n  void f(int;\n};")


class Comments(unittest.TestCase):
    def test_each_public_declaration_needs_one(self):
        problems = reference("""
struct S {
  int a = 0;
  /// Of these.
  void f();
  void f(int);

  void f(long);
  int b = 0;  ///< told
  enum class E { x, y };
  /// For Chorus itself.
  int c = 0;
  void g(detail::Wheel* wheel);
  void h(int);

 private:
  int d = 0;
};
/// Told.
void free_function();
using Alias = int;
""").problems
        self.assertEqual(problems, ["thing.hpp:7: S has no comment", "thing.hpp:8: S::a has no comment",
                                    "thing.hpp:13: S::f has no comment", "thing.hpp:15: S::E has no comment",
                                    "thing.hpp:19: S::h has no comment", "thing.hpp:26: Alias has no comment"])

    def test_a_class_may_do_as_another_one(self):
        body = """
/// One.
class A {
 public:
  /// Goes.
  void go();
};
/// Two. What has no comment
/// here does as A's of the same name.
class B {
 public:
  void go();
  void stay();
};
"""
        self.assertEqual(reference(body).problems, ["thing.hpp:18: B::stay has no comment"])
        self.assertIn("### B::go\n\n```cpp\nvoid go()\n```\n\nAs [`A::go`](#ago).", page(body))
        self.assertIn("## B\n\nTwo.\n\n", page(body))

    def test_labels_code_and_links_stand_out(self):
        text = page("""
/// Waits for `Limit`, or Limit::time_max. Thread: any.
///   wait(3);
/// Errors: none, but see wait_more() [waitFor].
void wait(int);
/// More.
void wait_more();
/// Limits.
struct Limit {
  int time_max = 0;  ///< a limit
};
""")
        self.assertIn("Waits for [`Limit`](#limit), or [`Limit::time_max`](#limit-time_max).\n\n**Thread:** any.\n\n"
                      "```cpp\nwait(3);\n```\n\n**Errors:** none, but see [`wait_more()`](#wait_more) (Node.js: `waitFor`).",
                      text)


class Tables(unittest.TestCase):
    def test_options_are_tables_with_default_unit_and_name_in_node(self):
        self.assertIn("""| name | type | default | unit | Node.js | meaning |
|---|---|---|---|---|---|
| <a id="options-ping_interval"></a>`ping_interval` | `std::chrono::milliseconds` | `25'000` | ms | `pingInterval` | Between two |
| <a id="options-threshold"></a>`threshold` | `std::size_t` | `1024` | bytes |  | Smaller ones \\| others |
| <a id="options-root"></a>`root` | `std::string` | empty |  |  | A folder |
""", page("""
/// What may be chosen.
struct Options {
  std::chrono::milliseconds ping_interval{25'000};  ///< [pingInterval] between two
  std::size_t threshold = 1024;                     ///< bytes; smaller ones | others
  std::string root;                                 ///< a folder
};
"""))

    def test_enumerators_are_explained(self):
        self.assertIn("| <a id=\"sent-now\"></a>`now` | Handed on |", page("""
/// What became of it.
enum class Sent {
  now,  ///< handed on
  lost,
};
"""))


class Overviews(unittest.TestCase):
    def test_many_functions_are_listed_in_the_groups_that_the_header_makes(self):
        functions = "".join(f"  /// Tells.\n  int f{i}();\n" for i in range(6))
        text = page(f"""
/// Much.
class Much {{
 public:
{functions}
  // ---- Others ----

  /// Tells.
  int other();
}};
""")
        self.assertIn("|  | [`f0`](#muchf0) · [`f1`](#muchf1) · ", text)
        self.assertIn("| Others | [`other`](#muchother) |\n", text)
        self.assertIn("*Others*\n\n### Much::other\n", text)


class Indexes(unittest.TestCase):
    def test_all_names_are_there_and_those_of_node(self):
        index = reference("""
/// One.
struct Door {
  int width = 0;  ///< [doorWidth]
};
/// [openDoor] Opens.
void open(Door const&);
""").pages()["README.md"]
        self.assertIn("- `Door`: [struct](thing.md#door)\n", index)
        self.assertIn("- `width`: [Door](thing.md#door-width)\n", index)
        self.assertIn("| `doorWidth` | [`Door::width`](thing.md#door-width) |", index)
        self.assertIn("| `openDoor` | [`open`](thing.md#open) |", index)


class OwnPages(unittest.TestCase):
    """Those of include/chorus as they are now."""

    def setUp(self):
        self.headers = {path.name: Header(path.read_text(encoding="utf-8"))
                        for path in (ROOT / "include/chorus").glob("*.hpp")}
        self.pages = Reference(self.headers).pages()

    @staticmethod
    def anchors(text):
        seen, out = {}, set(re.findall(r'<a id="([^"]+)">', text))
        for heading in re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M):
            seen[slug(heading)] = seen.get(slug(heading), -1) + 1
            out.add(slug(heading) + (f"-{seen[slug(heading)]}" if seen[slug(heading)] else ""))
        return out

    def test_every_link_has_its_end(self):
        anchors = {name: self.anchors(text) for name, text in self.pages.items()}
        links = 0
        for name, text in self.pages.items():
            prose = re.sub(r"`[^`\n]+`", "code", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
            for file, anchor in re.findall(r"\]\(((?!https:)[^)#]*)#?([^)]*)\)", prose):
                links += 1
                target = file or name
                if target in self.pages:
                    self.assertTrue(not anchor or anchor in anchors[target], f"{name}: {target}#{anchor}")
                else:
                    self.assertTrue((ROOT / "docs/api" / target).exists(), f"{name}: {target}")
        self.assertGreater(links, 1000)

    def test_every_class_function_and_option_is_on_its_page(self):
        def walk(items):
            for item in items:
                if item.kind in ("class", "struct", "function", "field", "alias", "enum"):
                    yield item
                    yield from walk([] if item.its_own else item.members)
        for file, header_ in self.headers.items():
            text = self.pages[file.replace(".hpp", ".md")]
            for item in walk(header_.items):
                self.assertIn(item.name, text, file)


if __name__ == "__main__":
    unittest.main()
