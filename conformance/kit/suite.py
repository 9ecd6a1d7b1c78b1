"""The suite's REST interface, as far as a run needs it: plans, their modules, states, logs and results."""
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

POLL_SECONDS = 30
ENDS = ("FINISHED", "INTERRUPTED")


class SuiteError(Exception):
    """The suite could not be reached, or refused a call: its words."""


class Suite:
    """`base` ends with a slash. The certificate of a suite on this machine is its own, so nobody vouches for it."""

    def __init__(self, base, token=None):
        self.base, self.token = base.rstrip("/") + "/", token
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def call(self, method, path, query=None, body=None, timeout=90):
        address = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(address, method=method, headers={"Accept": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self.context) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            text = error.read()[:500].decode("utf-8", "replace")
            raise SuiteError(f"{method} {path}: {error.code} {text}") from error
        except OSError as error:
            raise SuiteError(f"{method} {path}: {error}") from error
        return json.loads(text) if text else None

    def create_plan(self, name, variant, config):
        """Id of the new plan and its modules: [{"testModule": name, "variant": {...}}]."""
        made = self.call("POST", "api/plan", {"planName": name, "variant": json.dumps(variant)}, config)
        return made["id"], made["modules"]

    def create_module(self, plan, name, variant):
        query = {"test": name, "plan": plan, "variant": json.dumps(variant or {})}
        return self.call("POST", "api/runner", query)["id"]

    def start_module(self, test):
        self.call("POST", f"api/runner/{test}")

    def stop_module(self, test):
        self.call("DELETE", f"api/runner/{test}")

    def wait(self, test, states, seconds):
        """The state that was reached, one of `states` or an end; None when the time is over."""
        wanted = ",".join(sorted({*states, *ENDS}))
        over = time.monotonic() + seconds
        while (left := over - time.monotonic()) > 0:
            at_most = min(int(left * 1000) + 1, POLL_SECONDS * 1000)
            seen = self.call("GET", f"api/runner/{test}/wait-state", {"states": wanted, "timeoutMs": at_most})
            if seen.get("state"):
                return seen["state"]
        return None

    def open_addresses(self, test):
        """Addresses that the module waits to be visited and that no script knows."""
        return self.call("GET", f"api/runner/browser/{test}").get("urls") or []

    def result(self, test):
        return self.call("GET", f"api/info/{test}").get("result") or "UNKNOWN"

    def log(self, test):
        """The log of a module: a list of entries with src, msg, result and more."""
        return self.call("GET", f"api/log/{test}")
