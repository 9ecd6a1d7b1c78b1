"""The coverage page joins requirements, citations and tests, and says when it is stale or a row is empty."""
import unittest

from load_tool import load

spec_map = load("spec_map")

ROWS = ("# comment\n"
        "7636-04\tRFC 7636 4.1, RFC 7636 4.6\tthe verifier has a length\t\n"
        "9126-01\tRFC 9126 2.1\tpushing needs authentication\tissue 4: PAR\n")

CPP = """// Tests.
namespace cardea::x_test {

// RFC7636-4.6; 7636-04: the verifier must match the challenge
TEST(Rfc7636, S4_6_VerifierMustMatchTheChallenge) {}

// Only a remark: it names nothing.
TEST(Rfc7636, Other) {}

// 7636-04;
// RT03: goes on in the next line
TEST_P(Refresh,
       IsLong) {}
}
"""


class SpecMapTest(unittest.TestCase):
    def test_requirements_are_read(self):
        rows = spec_map.read_requirements(ROWS)
        self.assertEqual(rows[0].sections, ["RFC 7636 4.1", "RFC 7636 4.6"])
        self.assertEqual(rows[1].later, "issue 4: PAR")
        with self.assertRaises(ValueError):
            spec_map.read_requirements(ROWS + ROWS)
        with self.assertRaises(ValueError):
            spec_map.read_requirements("7636-04\tRFC 7636 4.1\n")

    def test_ids_stand_directly_above_their_test(self):
        tests = spec_map.read_tests("tests/spec/x_test.cpp", CPP)
        self.assertEqual([(test.name, test.line, test.ids) for test in tests],
                         [("Rfc7636.S4_6_VerifierMustMatchTheChallenge", 5, ["RFC7636-4.6", "7636-04"]),
                          ("Refresh.IsLong", 12, ["7636-04", "RT03"])])
        apart = "// 7636-04: apart\n\nTEST(A, B) {}\n"
        self.assertEqual(spec_map.read_tests("tests/spec/x_test.cpp", apart), [])

    def test_javascript_and_go_tests_count_too(self):
        script = "// oidc-02; X01: echoed\ntest('the nonce comes back', async () => {});\n"
        self.assertEqual(spec_map.read_tests("tests/browser/a.test.mjs", script)[0].ids, ["oidc-02", "X01"])
        go = "// 6749-12: once\nfunc TestOnce(t *testing.T) {\n"
        self.assertEqual(spec_map.read_tests("tests/clients/go/a_test.go", go)[0].name, "TestOnce")

    def test_python_tests_count_under_their_own_comments(self):
        case = "    # A01; X11: led nowhere\n    def test_a01_hosts(self):\n        pass\n"
        test = spec_map.read_tests("tests/attack/a_test.py", case)[0]
        self.assertEqual((test.name, test.ids, test.sentence), ("test_a01_hosts", ["A01", "X11"], "led nowhere"))

    def test_rows_of_the_attack_corpus_lead_to_the_source_that_names_them(self):
        found = spec_map.read_citations("src/a.cpp", "// one writes (security corpus B04).\n// E10 is a decision\n", {})
        self.assertEqual(found, [("corpus B04", "src/a.cpp", 1)])
        rows = spec_map.read_requirements("B04\tsecurity corpus 2.B\tonce values stay apart\t\n")
        self.assertIn("[a.cpp:1](../src/a.cpp#L1)", spec_map.render(rows, [], found))

    def test_citations_are_found_in_comments_and_calls(self):
        functions = spec_map.read_functions('constexpr SpecRef rfc7636(std::string_view section) {\n'
                                            '  return {"RFC 7636", section};\n}\n')
        self.assertEqual(functions, {"rfc7636": "RFC 7636"})
        source = '// RFC 7636 4.1, 4.5\nreturn refuse(rfc7636("4.6"));\n// OIDC Core 3.1.3.7-3 says so.\n'
        found = [(section, line) for section, _, line in spec_map.read_citations("src/x.cpp", source, functions)]
        self.assertEqual(found, [("OIDC Core 3.1.3.7-3", 3), ("RFC 7636 4.1", 1), ("RFC 7636 4.5", 1),
                                 ("RFC 7636 4.6", 2)])

    def page(self, source_line=7):
        tests = spec_map.read_tests("tests/spec/x_test.cpp", CPP)
        return spec_map.render(spec_map.read_requirements(ROWS), tests,
                               [("RFC 7636 4.6", "src/protocol/pkce.cpp", source_line)])

    def test_a_row_leads_from_requirement_to_source_to_test(self):
        row = next(line for line in self.page().splitlines() if line.startswith("| 7636-04"))
        self.assertIn("[protocol/pkce.cpp:7](../src/protocol/pkce.cpp#L7)", row)
        self.assertIn("S4_6_VerifierMustMatchTheChallenge", row)
        later = "| 9126-01 | pushing needs authentication | RFC 9126 2.1 |  | not yet: issue 4: PAR |"
        self.assertIn(later, self.page())
        self.assertIn("| RFC 7636 4.6 |", self.page())

    def test_a_page_is_stale_by_content_not_by_line_numbers(self):
        self.assertEqual(spec_map.without_lines(self.page(7)), spec_map.without_lines(self.page(8)))
        self.assertNotEqual(self.page(7), self.page(8))

    def test_strange_ids_and_empty_rows_are_reported(self):
        rows = spec_map.read_requirements(ROWS)
        tests = spec_map.read_tests("tests/spec/x_test.cpp", "// 7636-99: strange\nTEST(A, B) {}\n")
        self.assertIn("7636-99 is not in", list(spec_map.problems(rows, tests, complete=False))[0])
        empty = list(spec_map.problems(rows, [], complete=True))
        self.assertEqual(len(empty), 1)
        self.assertIn("7636-04 has no test", empty[0])


if __name__ == "__main__":
    unittest.main()
