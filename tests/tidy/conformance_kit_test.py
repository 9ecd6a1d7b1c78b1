"""The kit of conformance/run: plans are whole, nothing unknown is accepted, a module that wants a new key gets it."""
import os
import re
import sys
import tempfile
import tomllib
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "conformance"), os.path.join(ROOT, "interop")]
from kit import keys, plans, verdicts  # noqa: E402
from kit.issuer import Issuer, why_it_ended  # noqa: E402
from kit.robot import Robot  # noqa: E402
from kit.trial import ROTATES_KEYS, Trial  # noqa: E402

OCTETS = re.compile(r"(?:[0-9a-f]{2}:?)+")  # as openssl prints numbers
VALUES = {"ISSUER": "https://op.test", "SUITE": "https://suite.test/", "LOGIN": "ada", "PASSWORD": 'a"b'}


class Plans(unittest.TestCase):
    def setUp(self):
        self.plans = {plan.key: plan for plan in plans.read_plans()}

    def test_every_script_of_every_plan_is_there(self):
        robot = Robot(VALUES)
        for plan in self.plans.values():
            for module, name in plan.robot.items():
                with self.subTest(plan=plan.key, module=module):
                    self.assertTrue(robot.script(name))

    def test_each_combination_of_a_matrix_is_a_plan_with_its_own_clients(self):
        bound = self.plans["fapi2-security/openid_connect/private_key_jwt/dpop"].clients["client"]
        self.assertEqual(bound["token_endpoint_auth_method"], "private_key_jwt")
        self.assertTrue(bound["dpop_bound_access_tokens"])
        by_certificate = self.plans["fapi2-security/openid_connect/mtls/mtls"]
        self.assertNotIn("dpop_bound_access_tokens", by_certificate.clients["client"])
        self.assertEqual(by_certificate.clients["client"]["token_endpoint_auth_method"], "self_signed_tls_client_auth")
        self.assertEqual(len(by_certificate.needs), 2)

    def test_what_the_metadata_lacks_is_named(self):
        plan = plans.Plan("p", "p", needs=["registration_endpoint", "methods=mtls"])
        self.assertEqual(plan.missing({"methods": ["basic"]}), ["registration_endpoint", "methods=mtls"])
        self.assertEqual(plan.missing({"registration_endpoint": "https://op.test/r", "methods": ["basic", "mtls"]}), [])

    def test_no_two_plans_wait_at_the_same_address_of_the_suite(self):
        aliases = [plan.alias for plan in self.plans.values() if plan.alias]
        self.assertEqual(len(aliases), len(set(aliases)))


class Configurations(unittest.TestCase):
    """What conformance/run writes for `cardea serve`."""

    def written(self, key, allow_missing_pkce):
        plan = next(plan for plan in plans.read_plans() if plan.key == key)
        with tempfile.TemporaryDirectory() as folder:
            made = Issuer("cardea", folder, "localhost", plan, SuiteAddress(), "suite.pem", allow_missing_pkce)
            with open(made.config, "rb") as file:
                return tomllib.load(file)

    def test_a_run_that_allows_missing_pkce_allows_it_to_clients_that_register_too(self):
        self.assertEqual(self.written("basic-dynamic", True)["registration"]["pkce"], "optional")
        self.assertNotIn("pkce", self.written("basic-dynamic", False)["registration"])
        self.assertEqual(self.written("session-management", True)["clients"][0]["pkce"], "optional")

    def test_a_plan_that_sends_pkce_is_never_loosened(self):
        configuration = self.written("fapi2-security/openid_connect/private_key_jwt/dpop", True)
        self.assertNotIn("registration", configuration)
        self.assertTrue(all("pkce" not in row for row in configuration["clients"]))


class Refusals(unittest.TestCase):
    """What a run says of a server that did not start."""

    def test_the_refusal_is_named_and_not_a_warning_beside_it(self):
        log = "cardea: warning: a.toml:1: careful\ncardea: a.toml:2: refused\ncardea: warning: a.toml:3: careful\n"
        self.assertEqual(why_it_ended(log), "cardea: a.toml:2: refused")

    def test_without_a_refusal_it_is_the_last_line(self):
        self.assertEqual(why_it_ended('cardea: warning: careful\n{"level":"error"}\n'), '{"level":"error"}')
        self.assertTrue(why_it_ended(""))


class SuiteAddress:
    base = "https://suite.test/"


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.accepted = [verdicts.Accepted("p*", "m", "WARNING", "KnownCondition", "why"),
                         verdicts.Accepted("p*", "m", "SKIPPED", "-", "why")]

    def judge(self, result, *remarks):
        found = [verdicts.Remark(*remark) for remark in remarks]
        return verdicts.objections(verdicts.Verdict("p1", "m", result, found), self.accepted)

    def test_a_listed_warning_is_accepted_and_its_row_counts_as_used(self):
        self.assertEqual(self.judge("WARNING", ("WARNING", "KnownCondition", "text")), [])
        self.assertEqual([row.used for row in self.accepted], [True, False])

    def test_another_warning_a_failure_and_a_time_out_are_not(self):
        self.assertEqual(len(self.judge("WARNING", ("WARNING", "Other", "text"))), 1)
        self.assertEqual(len(self.judge("FAILED", ("FAILURE", "KnownCondition", "text"))), 1)
        self.assertEqual(self.judge("TIMEOUT"), ["TIMEOUT"])
        self.assertEqual(self.judge("UNKNOWN"), ["UNKNOWN"])

    def test_a_failure_within_a_passed_module_is_not_hidden_by_a_row_for_warnings(self):
        self.assertEqual(len(self.judge("PASSED", ("FAILURE", "KnownCondition", "text"))), 1)

    def test_a_skip_needs_a_row_of_its_own(self):
        self.assertEqual(self.judge("SKIPPED"), [])
        self.accepted.pop()
        self.assertEqual(len(self.judge("SKIPPED")), 1)

    def test_the_file_in_the_tree_is_whole(self):
        self.assertTrue(verdicts.read_accepted())


class Keys(unittest.TestCase):
    def test_a_jwk_says_what_openssl_says_and_the_public_one_holds_no_secret(self):
        with tempfile.TemporaryDirectory() as folder:
            for algorithm, number in (("ES256", "d"), ("PS256", "n")):
                key = keys.client_key(folder, algorithm, algorithm)
                text = keys.openssl("pkey", "-in", algorithm + ".key", "-text", "-noout", folder=folder).decode()
                printed = "".join(line for line in text.split() if OCTETS.fullmatch(line))
                octets = bytes.fromhex(printed.replace(":", ""))
                padded = key.private[number] + "=" * (-len(key.private[number]) % 4)
                self.assertIn(keys.base64.urlsafe_b64decode(padded), octets)
                self.assertFalse(set(key.public) & {"d", "p", "q", "dp", "dq", "qi"})


class RotatingIssuer:
    plan = plans.Plan("p", "p")
    rotated = 0

    def rotate_keys(self):
        self.rotated += 1


class Suite:
    """A suite whose module is CONFIGURED until it is started, and then ends or waits for an address."""

    def __init__(self, addresses=()):
        self.started, self.stopped, self.addresses = False, False, list(addresses)

    def create_module(self, *_):
        return "t"

    def start_module(self, _):
        self.started = True

    def stop_module(self, _):
        self.stopped = True

    def wait(self, _, states, __):
        if not self.started:
            return "CONFIGURED" if "CONFIGURED" in states else None
        return None if self.addresses and not self.stopped else "FINISHED"

    def open_addresses(self, _):
        return self.addresses

    def log(self, _):
        return []

    def result(self, _):
        return "PASSED"


class Trials(unittest.TestCase):
    def test_the_signing_key_is_changed_before_the_module_that_asks_for_it_starts(self):
        issuer, suite = RotatingIssuer(), Suite()
        self.assertEqual(Trial(suite, issuer, "").run_module("plan", ROTATES_KEYS, {}).result, "PASSED")
        self.assertEqual(issuer.rotated, 1)

    def test_no_other_module_changes_it(self):
        issuer, suite = RotatingIssuer(), Suite()
        Trial(suite, issuer, "").run_module("plan", "oidcc-server", {})
        self.assertEqual((issuer.rotated, suite.started), (0, True))

    def test_a_module_that_waits_for_what_no_script_visits_is_stopped_and_fails(self):
        suite = Suite(["https://op.test/elsewhere"])
        self.assertEqual(Trial(suite, RotatingIssuer(), "").run_module("plan", "m", {}).result, "TIMEOUT")
        self.assertTrue(suite.stopped)


if __name__ == "__main__":
    unittest.main()
