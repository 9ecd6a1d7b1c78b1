"""The style check finds a planted violation of each rule, and nothing in code that keeps them."""
import unittest

from load_tool import load

style = load("check_style")

GOOD = """// Adds numbers. RFC 0000 1; does not subtract.
#pragma once

namespace cardea {

// The sum of both. Thread-safe.
int sum(int a, int b);

}  // namespace cardea
"""


class CheckStyleTest(unittest.TestCase):
    def rules(self, path, text):
        return {rule for _, _, rule, _ in style.check_text(path, text)}

    def finds(self, rule, line, path="src/server/x.cpp"):
        text = "// Planted.\n" + line + "\n"
        found = [(number, name) for _, number, name, _ in style.check_text(path, text)]
        self.assertIn((2, rule), found, line)

    def passes(self, line, path="src/server/x.cpp"):
        self.assertEqual(self.rules(path, "// Good.\n" + line + "\n"), set(), line)

    def test_good_code_passes(self):
        self.assertEqual(style.check_text("src/base/sum.h", GOOD), [])

    def test_the_clock_is_read_in_one_file(self):
        for call in ("time(nullptr);", "::time(&t);", "std::time(0);", "gettimeofday(&tv, nullptr);",
                     "clock_gettime(CLOCK_REALTIME, &ts);", "auto t = std::chrono::system_clock::now();",
                     "auto t = steady_clock::now();"):
            self.finds("real-clock", call)
            self.finds("real-clock", call, "tests/unit/server/x.cpp")
        self.passes("auto t = grant.time(); auto u = auth_time(x); // time(nullptr)")
        self.passes('log("time(nullptr)");')
        self.passes("clock_gettime(CLOCK_BOOTTIME, &ts);", "src/base/time.cpp")

    def test_chance_is_an_argument(self):
        for call in ("rand();", "srand(1);", "std::random_device device;", "random();"):
            self.finds("chance", call)
        self.finds("chance", "RAND_bytes(out, 32);")
        self.finds("chance", "randombytes_buf(out, 32);", "src/crypto/aead.cpp")
        self.passes("RAND_bytes(out, 32);", "src/crypto/random.cpp")
        self.passes("auto token = deps.random.fill(32);")

    def test_the_environment_is_read_by_app_and_settings(self):
        self.finds("environment", 'getenv("HOME");')
        self.finds("environment", 'std::getenv("HOME");', "src/client/x.cpp")
        self.finds("environment", 'setenv("A", "b", 1);')
        self.passes('std::getenv("HOME");', "src/app/serve.cpp")
        self.passes('std::getenv("HOME");', "src/server/settings/loader.cpp")

    def test_threads_are_joined(self):
        self.finds("detached-thread", "thread.detach();")
        self.passes("auto node = tree.detach(child);")

    def test_nothing_sleeps(self):
        for call in ("sleep(1);", "usleep(10);", "std::this_thread::sleep_for(10ms);", "nanosleep(&a, &b);"):
            self.finds("sleep", call, "tests/flow/server/x.cpp")

    def test_only_app_prints(self):
        for call in ('printf("x");', 'std::cout << "x";', "std::fprintf(stderr, x);", 'std::cerr << "x";'):
            self.finds("printing", call)
        self.passes('std::cout << "x";', "src/app/version.cpp")
        self.passes('std::snprintf(out, sizeof out, "%d", 1);')

    def test_secrets_are_not_compared_with_operators(self):
        self.finds("revealed-comparison", "if (secret.reveal() == given) return;")
        self.finds("revealed-comparison", "if (given != secret.reveal()) return;")
        self.passes("if (constant_time_equal(secret.reveal(), given)) return;")

    def test_unsafe_string_calls_are_banned(self):
        self.finds("unsafe-string", "strcpy(a, b);")

    def test_memory_has_an_owner(self):
        self.finds("raw-ownership", "auto* p = new Server(deps);")
        self.finds("raw-ownership", "delete p;")
        self.passes("Server(const Server&) = delete;")
        self.passes("return std::unique_ptr<Server>(new OwnServer(deps));")

    def test_headers_open_no_namespace(self):
        self.finds("using-namespace", "using namespace std;", "src/base/x.h")
        self.finds("using-namespace", "using namespace std;", "tests/unit/base/x.cpp")
        self.passes("  using namespace std::literals;", "src/server/x.cpp")
        self.passes("namespace cardea::x_test {\nusing namespace listener_test;", "tests/unit/base/x_test.cpp")

    def test_no_test_is_skipped(self):
        for line in ("GTEST_SKIP();", "TEST(Url, DISABLED_Parses) {}"):
            self.finds("skipped-test", line, "tests/unit/base/x.cpp")
        for line in ("test.skip('x', () => {});", "test('x', { skip: true }, run);", "it.only('x', run);"):
            self.finds("skipped-test", line, "tests/browser/x.test.mjs")
        self.finds("skipped-test", "\tt.Skip()", "tests/clients/go/x_test.go")

    def test_markers_are_leftovers(self):
        for marker in ("TODO", "FIXME", "XXX"):
            self.finds("marker", f"// {marker}: later", "src/base/x.cpp")

    def test_one_machine_does_not_enter_the_repository(self):
        self.finds("foreign", "cp /work/x .", "docs/x.md")
        self.finds("foreign", "https://registry.npmjs.org/x", "docs/x.md")

    def test_lines_are_short(self):
        self.finds("line-length", "// " + "x" * 98)
        self.passes("// " + "x" * 97)
        self.finds("trailing-blanks", "int a; ")

    def test_files_open_with_a_comment(self):
        self.assertIn("opening-comment", self.rules("src/base/x.cpp", "int a;\n"))
        self.assertIn("opening-comment", self.rules("web/css/x.css", "a { color: red }\n"))
        self.assertIn("opening-comment", self.rules("examples/run", "#!/bin/sh\nset -e\n"))
        self.assertEqual(self.rules("examples/run", "#!/bin/sh\n# Runs.\nset -e\n"), set())

    def test_functions_are_short(self):
        body = "  a();\n" * 69
        for head in ("int f(int a)", "Task<int> Server::handle(Request r) const", "TEST(A, B)",
                     "Server::Server(Deps d) : deps_(d), on_([] { return 1; })", "auto f = [&](int x)"):
            self.assertIn("function-length", self.rules("src/base/x.cpp", f"// X.\n{head} {{\n{body}}}\n"), head)
        short = "  a();\n" * 60
        self.assertEqual(self.rules("src/base/x.cpp", f"// X.\nint f() {{\n{short}}}\n"), set())
        rows = "  {1, f(2)},\n" * 100
        table = f"// X.\nconstexpr Row table[] = {{\n{rows}}};\nnamespace a {{\n{short}}}\n"
        self.assertEqual(self.rules("src/base/x.cpp", table), set())

    def test_braces_in_strings_do_not_count(self):
        text = '// X.\nint f() {\n  a("{{{{");\n  b(R"({{{)");\n  c(\'{\');\n}\n' + "int g();\n" * 80
        self.assertEqual(self.rules("src/base/x.cpp", text), set())

    def test_files_are_of_a_size_to_read(self):
        self.assertIn("warning: file-length", self.rules("src/base/x.cpp", "// X.\n" + "int a;\n" * 400))
        self.assertIn("file-length", self.rules("src/base/x.cpp", "// X.\n" + "int a;\n" * 1000))

    def test_every_file_has_a_target(self):
        self.assertIn("no-target", self.rules("src/attic/x.cpp", "// X.\n"))
        self.assertIn("no-target", self.rules("src/x.cpp", "// X.\n"))
        self.assertIn("no-target", self.rules("tests/attic/x_test.cpp", "// X.\n"))
        self.assertIn("no-target", self.rules("tests/unit/base/x.cpp", "// X.\n"))

    def test_folders_name_ideas(self):
        for path in ("src/base/utils/x.cpp", "src/base/helpers.h", "src/server/common/x.h", "src/app/manager.cpp"):
            self.assertIn("drawer", self.rules(path, "// X.\n"), path)

    def test_bool_parameters_deserve_a_look(self):
        self.assertIn("warning: bool-parameter", self.rules("src/base/x.h", "// X.\nvoid f(int a, bool fast);\n"))
        self.assertEqual(self.rules("src/base/x.h", "// X.\nstruct A { bool b = true; };\n"), set())

    def test_test_files_keep_to_their_namespace(self):
        path = "tests/unit/base/url_test.cpp"
        self.assertIn("test-namespace", self.rules(path, "// X.\nTEST(A, B) {}\n"))
        good = "// X.\nnamespace cardea::url_test {\nTEST(A, B) {}\n}\n"
        self.assertEqual(self.rules(path, good), set())
        self.assertIn("test-macro", self.rules(path, good + "#define X 1\n"))

    def test_headers_that_nobody_includes_deserve_a_look(self):
        tree = {"src/base/a.h": GOOD, "src/base/b.h": GOOD, "src/base/b.cpp": '// X.\n#include "base/b.h"\n'}
        self.assertEqual([path for path, *_ in style.check_dead_headers(tree)], ["src/base/a.h"])


if __name__ == "__main__":
    unittest.main()
