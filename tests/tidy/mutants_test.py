"""The lists of mutants fit the tree, whatever can be wrong with an entry is found, and only an assertion is red."""
import unittest

from load_tool import ROOT, load

mutants = load("mutants")

ENTRY = """# A list.
mutant lamp: the lamp stays on
  rule 6749-11
  test unit Lamp.GoesOut
  file src/lamp.cpp
  - if (late) {
  - return;
  + if (false && late) {
  + return;
"""
SOURCE = "void f(bool late) {\n  if (late) {\n    return;\n  }\n}\n"
IDS = {("unit", "Lamp.GoesOut"): ["RFC6749-4.1.2", "6749-11"], ("unit", "Lamp.Shines"): ["Q1"]}


class FakeTree:
    """A tree that builds and runs as it is told to."""

    def __init__(self, failure, word):
        self.failure, self.word = failure, word

    def apply(self, mutant):
        pass

    def make(self, suites, jobs):
        return self.failure

    def run(self, mutant):
        return self.word, ""


class MutantsTest(unittest.TestCase):
    def entry(self, text=ENTRY):
        [mutant] = mutants.read_list("list.txt", text)
        return mutant

    def defects(self, text=ENTRY, source=SOURCE):
        return mutants.defects_of(self.entry(text), source, {"6749-11", "Q1"}, IDS)

    def finds(self, sentence, text=ENTRY, source=SOURCE):
        found = self.defects(text, source)
        self.assertEqual(len(found), 1, found)
        self.assertIn(sentence, found[0])

    def test_the_lists_fit_the_tree(self):
        self.assertEqual(mutants.check(ROOT, mutants.read_mutants(ROOT)), [])

    def test_an_entry_is_read_and_applied_however_the_file_is_indented(self):
        mutant = self.entry()
        self.assertEqual((mutant.name, mutant.rule, mutant.suite, mutant.test, mutant.path, mutant.place),
                         ("lamp", "6749-11", "unit", "Lamp.GoesOut", "src/lamp.cpp", "list.txt:2"))
        self.assertEqual(self.defects(), [])
        self.assertEqual(mutant.applied_to(SOURCE),
                         "void f(bool late) {\n  if (false && late) {\nreturn;\n  }\n}\n")

    def test_a_lone_plus_leaves_the_text_out(self):
        text = ENTRY.split("  +")[0] + "  +\n"
        self.assertEqual(self.defects(text), [])
        self.assertEqual(self.entry(text).applied_to(SOURCE), "void f(bool late) {\n  \n  }\n}\n")

    def test_stale_text_is_found(self):
        self.finds("holds the text 0 times", source=SOURCE.replace("late)", "early)"))
        self.finds("holds the text 2 times", source=SOURCE * 2)
        self.finds("src/lamp.cpp does not exist", source=None)

    def test_a_rule_must_be_known_and_carried_by_the_test(self):
        self.finds("does not name Q1", ENTRY.replace("6749-11", "Q1"))
        self.finds("does not name RFC6749-9", ENTRY.replace("6749-11", "RFC6749-9"))
        found = self.defects(ENTRY.replace("6749-11", "6749-99"))
        self.assertIn("no such rule: 6749-99", found)
        self.assertEqual(self.defects(ENTRY.replace("6749-11", "RFC6749-4.1.2")), [])

    def test_a_test_must_be_there(self):
        self.finds("tests/unit has no Lamp.Flickers", ENTRY.replace("GoesOut", "Flickers"))
        self.finds("tests/spec has no Lamp.GoesOut", ENTRY.replace("test unit", "test spec"))

    def test_an_entry_is_whole_and_changes_something(self):
        self.finds("incomplete: rule, +", ENTRY.replace("  rule 6749-11\n", "").split("  +")[0])
        self.finds("it changes nothing", ENTRY.replace("false && ", ""))
        with self.assertRaisesRegex(ValueError, "list.txt:3: 'role'"):
            self.entry(ENTRY.replace("  rule", "  role"))
        with self.assertRaisesRegex(ValueError, "list.txt:1: neither"):
            self.entry("lamp\n")

    def test_only_an_assertion_is_red(self):
        def report(*failures, result="COMPLETED"):
            case = {"name": "B", "result": result, "failures": [{"failure": text} for text in failures]}
            return {"testsuites": [{"name": "A", "testsuite": [case]}]}

        thrown = 'unknown file\nC++ exception with description "x" thrown in the test body.'
        self.assertEqual(mutants.verdict_of(report(), 0), "green")
        self.assertEqual(mutants.verdict_of(report("a.cpp:1\nExpected equality"), 1), "red")
        self.assertEqual(mutants.verdict_of(report(thrown), 1), "threw")
        self.assertEqual(mutants.verdict_of(report(thrown, "a.cpp:1\nExpected equality"), 1), "red")
        self.assertEqual(mutants.verdict_of(report(), 66), "died")
        self.assertEqual(mutants.verdict_of(report(result="SUPPRESSED"), 0), "absent")
        self.assertEqual(mutants.verdict_of({"testsuites": []}, 0), "absent")

    def test_what_is_not_red_has_failed(self):
        def word(failure, run):
            return mutants.judge(self.entry(), FakeTree(failure, run), 1).word

        self.assertEqual(word(None, "red"), "red")
        self.assertEqual(word(None, "green"), "survived")
        self.assertEqual(word("error: no", "red"), "not built")
        for other in ("threw", "died", "hung", "absent"):
            self.assertEqual(word(None, other), other)


if __name__ == "__main__":
    unittest.main()
