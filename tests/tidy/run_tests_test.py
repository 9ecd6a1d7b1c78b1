"""The sum of all suites is right: what each kind of runner prints is counted, and what dies counts as failed."""
import json
import unittest

from load_tool import load

run_tests = load("run_tests")


class RunTestsTest(unittest.TestCase):
    def numbers(self, outcome):
        return outcome.passed, len(outcome.failures), outcome.skipped

    def test_gtest_cases_count_one_by_one(self):
        report = {"testsuites": [{"name": "Rows/Corpus", "testsuite": [
            {"name": "Row/0", "result": "COMPLETED"}, {"name": "Row/1", "result": "COMPLETED",
                                                       "failures": [{"failure": "no"}]},
            {"name": "Row/2", "result": "SKIPPED"}, {"name": "DISABLED_Row", "result": "SUPPRESSED"}]}]}
        outcome = run_tests.count_gtest(report, 1, "")
        self.assertEqual(self.numbers(outcome), (1, 1, 2))
        self.assertEqual(outcome.failures, ["Rows/Corpus.Row/1"])

    def test_a_gtest_program_that_dies_has_failed(self):
        output = "[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n[ RUN      ] A.C\nSegmentation fault\n"
        outcome = run_tests.count_gtest(None, -11, output)
        self.assertEqual(self.numbers(outcome), (1, 1, 0))
        self.assertEqual(outcome.failures, ["died in A.C"])

    def test_a_sanitizer_report_at_exit_has_failed(self):
        report = {"testsuites": [{"name": "A", "testsuite": [{"name": "B", "result": "COMPLETED"}]}]}
        self.assertEqual(self.numbers(run_tests.count_gtest(report, 23, "leak")), (1, 1, 0))

    def test_the_shares_of_a_program_add_up(self):
        shares = [run_tests.Outcome(3, 1, ["A.B"], "one"), run_tests.Outcome(4, 0, ["died in C.D"], "two")]
        outcome = run_tests.joined(shares)
        self.assertEqual(self.numbers(outcome), (7, 2, 1))
        self.assertEqual((outcome.failures, outcome.output), (["A.B", "died in C.D"], "one\ntwo"))

    def test_node_summaries_are_read(self):
        tap = ("ok 1 - a\nnot ok 2 - b\n1..3\n# tests 4\n# suites 0\n# pass 1\n# fail 1\n# cancelled 1\n"
               "# skipped 1\n# todo 0\n")
        self.assertEqual(self.numbers(run_tests.count_tap(tap, 1, "")), (1, 2, 1))
        self.assertEqual(self.numbers(run_tests.count_tap("", 7, "cannot find module")), (0, 1, 0))

    def test_go_subtests_count_and_their_parents_do_not(self):
        events = [{"Action": "run", "Test": "TestA"}, {"Action": "pass", "Test": "TestA/one"},
                  {"Action": "fail", "Test": "TestA/two"}, {"Action": "fail", "Test": "TestA"},
                  {"Action": "pass", "Test": "TestB"}, {"Action": "skip", "Test": "TestC"}, {"Action": "fail"}]
        output = "\n".join(json.dumps(event) for event in events)
        self.assertEqual(self.numbers(run_tests.count_go(1, output)), (2, 1, 1))
        self.assertEqual(self.numbers(run_tests.count_go(2, "does not compile")), (0, 1, 0))

    def test_python_tests_are_counted(self):
        good = "....\n------\nRan 4 tests in 0.1s\n\nOK\n"
        self.assertEqual(self.numbers(run_tests.count_unittest(0, good)), (4, 0, 0))
        bad = "FAIL: test_a (x)\n---\nRan 4 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n"
        self.assertEqual(self.numbers(run_tests.count_unittest(1, bad)), (1, 2, 1))

    def test_other_programs_close_with_the_line(self):
        self.assertEqual(self.numbers(run_tests.count_command(0, "x\n3 passed, 0 failed\n")), (3, 0, 0))
        self.assertEqual(self.numbers(run_tests.count_command(1, "3 passed, 1 failed, 2 skipped\n")), (3, 1, 2))
        self.assertEqual(self.numbers(run_tests.count_command(1, "boom\n")), (0, 1, 0))
        self.assertEqual(run_tests.count_command(0, "nothing\n").count, 0)


if __name__ == "__main__":
    unittest.main()
