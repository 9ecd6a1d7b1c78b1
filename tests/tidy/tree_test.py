"""What holds of the whole tree and is quick to see: suites listed, packages sorted, lock files without addresses."""
import os
import re
import subprocess
import unittest

from load_tool import ROOT, load

run_tests = load("run_tests")


def tracked(*patterns):
    """Paths that git knows."""
    names = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout.decode()
    return [name for name in names.split("\0") if name]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as text:
        return text.read()


class TreeTest(unittest.TestCase):
    def test_every_test_file_belongs_to_a_suite(self):
        suites = run_tests.read_suites(os.path.join(ROOT, "tools/suites.txt"))
        folders = tuple(suite.folder + "/" for suite in suites)
        for path in tracked("tests"):
            if re.search(r"_test\.(cpp|py|go)$|\.test\.[cm]?js$", path):
                self.assertTrue(path.startswith(folders), f"{path}: no suite of tools/suites.txt runs it")

    def test_packages_are_sorted_and_named_once(self):
        names = [line.split()[0] for line in read("packages.txt").splitlines() if line and not line.startswith("#")]
        self.assertEqual(names, sorted(set(names)))

    def test_lock_files_name_no_address(self):
        for path in tracked("*package-lock.json"):
            self.assertNotIn('"resolved"', read(path), f"{path}: make it beside an .npmrc as the others are")

    def test_make_lists_every_target(self):
        makefile = read("Makefile")
        declared = re.search(r"^\.PHONY: (.*)$", makefile, re.M).group(1).split()
        for target in declared:
            if target not in ("configure", "test-build"):
                self.assertRegex(makefile, rf"(?m)^{target}:.* ## \S", f"{target} has no line in make help")

    def test_pages_link_to_what_exists(self):
        for path in tracked("*.md"):
            for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", read(path)):
                target = os.path.normpath(os.path.join(ROOT, os.path.dirname(path), link))
                self.assertTrue(os.path.exists(target), f"{path} links to {link}")


if __name__ == "__main__":
    unittest.main()
