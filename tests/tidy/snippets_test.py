"""The C++ shown in docs/client.md and docs/resource.md is, to the letter, what examples/snippets compiles."""
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARK = re.compile(r"<!-- snippet (\S+) (\S+) -->\n\n?(?:```cpp\n(.*?)```\n)?", re.S)


def region(file, name):
    """What stands between the two `// [name]` lines of a snippet file."""
    with open(os.path.join(ROOT, "examples/snippets", file), encoding="utf-8") as source:
        parts = re.split(rf"^// \[{name}\]\n", source.read(), flags=re.M)
    if len(parts) != 3:
        raise AssertionError(f"{file} must have exactly two lines `// [{name}]`")
    return parts[1]


class SnippetsTest(unittest.TestCase):
    def test_documents_show_what_is_compiled(self):
        shown = 0
        for document in ("client.md", "resource.md"):
            with open(os.path.join(ROOT, "docs", document), encoding="utf-8") as text:
                for file, name, code in MARK.findall(text.read()):
                    with self.subTest(document=document, snippet=name):
                        self.assertEqual(code, region(file, name))
                    shown += 1
        self.assertGreater(shown, 5)

    def test_every_region_is_shown(self):
        for file, document in (("client.cpp", "client.md"), ("resource.cpp", "resource.md")):
            with open(os.path.join(ROOT, "examples/snippets", file), encoding="utf-8") as source:
                names = set(re.findall(r"^// \[(\w+)\]$", source.read(), flags=re.M))
            with open(os.path.join(ROOT, "docs", document), encoding="utf-8") as text:
                shown = {name for _, name, _ in MARK.findall(text.read())}
            self.assertEqual(names, shown)


if __name__ == "__main__":
    unittest.main()
