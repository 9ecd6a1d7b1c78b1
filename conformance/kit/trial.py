"""One plan: an issuer of its own, then the plan's modules one after the other."""
import json
import os
import sys
import time

from kit.configuration import suite_configuration
from kit.suite import SuiteError
from kit.verdicts import Verdict, remarks_of

# The longest of the suite's own waits is about 60 s beside its browser's (docs/conformance.md).
MODULE_SECONDS = 240
POLL_SECONDS = 5
# Starts only when it is told to, after somebody has changed the issuer's signing key.
ROTATES_KEYS = "oidcc-server-rotate-keys"


class Trial:
    """`folder`: where logs of modules are kept, or "" for nowhere."""

    def __init__(self, suite, issuer, folder):
        self.suite, self.issuer, self.folder = suite, issuer, folder

    def run(self, wanted):
        """The verdict of each module whose name is in `wanted`; of all when that is empty."""
        plan = self.issuer.plan
        made, modules = self.suite.create_plan(plan.name, plan.variant, suite_configuration(self.issuer))
        verdicts = []
        for module in modules:
            name = module["testModule"]
            if name not in plan.left_out and (not wanted or name in wanted):
                verdicts.append(self.run_module(made, name, module.get("variant")))
                print(f"  {plan.key} {name}: {verdicts[-1].result} ({verdicts[-1].seconds:.0f} s)", file=sys.stderr,
                      flush=True)
        return verdicts

    def run_module(self, made, name, variant):
        started = time.monotonic()
        test = self.suite.create_module(made, name, variant)
        state = self.suite.wait(test, ["CONFIGURED", "WAITING", "RUNNING"], MODULE_SECONDS)
        if state == "CONFIGURED":
            if name == ROTATES_KEYS:
                self.issuer.rotate_keys()
            self.suite.start_module(test)
        state = self.drive(test)
        log = self.suite.log(test)
        self.keep(name, log)
        result = self.suite.result(test) if state else "TIMEOUT"
        return Verdict(self.issuer.plan.key, name, result, remarks_of(log), time.monotonic() - started)

    def drive(self, test):
        """Until the module ends: its state, or None when it waits for what nobody will do."""
        over = time.monotonic() + MODULE_SECONDS
        while time.monotonic() < over:
            if state := self.suite.wait(test, [], POLL_SECONDS):
                return state
            if unknown := self.open_addresses(test):
                print(f"  no script of robot.json visits {unknown[0].partition('?')[0]}", file=sys.stderr)
                break
        self.suite.stop_module(test)
        self.suite.wait(test, [], POLL_SECONDS)
        return None

    def open_addresses(self, test):
        try:
            return self.suite.open_addresses(test)
        except SuiteError:  # it has just ended
            return []

    def keep(self, name, log):
        if self.folder:
            path = os.path.join(self.folder, self.issuer.plan.key.replace("/", "-") + "--" + name + ".json")
            with open(path, "w", encoding="utf-8") as out:
                json.dump(log, out, indent=1)
