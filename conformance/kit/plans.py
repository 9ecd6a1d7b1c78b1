"""The plans of plans/*.toml: which plan of the suite, in which variants, with which clients and which browser.

A file:
  plan         the suite's name of it
  sends_pkce   false: the suite sends no code_challenge, so the run must allow that (--allow-missing-pkce)
  needs        members that the issuer's metadata must have, or "member=value"; without them the plan cannot run
  [variant]    parameters of the suite's, fixed
  [matrix]     parameters of the suite's with lists of values: one run for each combination
  [[without]]  but not for combinations that have all these values
  [keys]       ROLE = "PS256" or "ES256": the client has a key of its own for that, and a certificate over it
  [members]    members of [[clients]] (docs/settings.md) that all clients share
  [clients.ROLE]  those of one; ROLE is the suite's name of it
  [[resources]] an API, as in docs/settings.md; the run starts examples/demo/api for it
  [suite]      further members of the suite's configuration
  [settings]   further settings of the server, "table.key" = value
  [left_out]   module = why it is not run; the report says so
  [robot]      module = script of robot.json, where it is not "sign in"
  [when.PARAMETER.VALUE]   any of these, laid over the others in the variants where PARAMETER has VALUE

{ISSUER}, {API}, {PERSON} (who answers CIBA's questions), {SUITE}, {TEST} (this plan's address at the suite) and
{CALLBACK} stand for the addresses of the run, {MTLS_ADDRESS} and {MTLS_ORIGIN} for where certificates are asked for,
{LOGIN} for the person's name.
"""
import copy
import itertools
import os
import tomllib
from dataclasses import dataclass, field

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "plans")
MEMBERS = {"plan", "sends_pkce", "needs", "variant", "matrix", "without", "keys", "members", "clients", "resources",
           "suite", "settings", "left_out", "robot", "when"}


@dataclass
class Plan:
    """One run of a plan. `key` is the file's name and, of a matrix, its values: "fapi2-security/mtls/dpop"."""
    key: str
    name: str
    sends_pkce: bool = True
    needs: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)
    variant: dict = field(default_factory=dict)
    clients: dict = field(default_factory=dict)
    resources: list = field(default_factory=list)
    suite: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    left_out: dict = field(default_factory=dict)
    robot: dict = field(default_factory=dict)

    @property
    def alias(self):
        """The name under which the suite waits for answers; "" where each module has its own (registered clients)."""
        return "cardea-" + self.key.replace("/", "-") if self.clients else ""

    def missing(self, metadata):
        """What the plan needs and this metadata has not."""
        return [need for need in self.needs if not has(metadata, *need.partition("=")[::2])]


def has(metadata, member, value):
    found = metadata.get(member)
    if not value:
        return bool(found)
    return value in found if isinstance(found, list) else found == value


def overlay(below, above):
    """`above` over `below`: tables are joined member by member, needs add up, everything else is replaced."""
    for name, value in above.items():
        if isinstance(value, dict):
            overlay(below.setdefault(name, {}), value)
        elif name == "needs":
            below[name] = below.get(name, []) + value
        else:
            below[name] = value


def plan_of(stem, table, chosen):
    """The plan of one combination of the matrix's values."""
    table = copy.deepcopy(table)
    cases = table.pop("when", {})
    table.pop("matrix", None)
    table.pop("without", None)
    overlay(table.setdefault("variant", {}), chosen)
    for parameter, values in cases.items():
        overlay(table, values.get(table["variant"].get(parameter), {}))
    members = table.pop("members", {})
    for role, own in table.setdefault("clients", {}).items():
        joined = copy.deepcopy(members)
        overlay(joined, own)
        table["clients"][role] = joined
    return Plan(key="/".join([stem, *chosen.values()]), name=table.pop("plan"), **table)


def read_plans():
    """Every plan there is, sorted by key. SystemExit: a file has a member that is none."""
    plans = []
    for name in sorted(os.listdir(FOLDER)):
        with open(os.path.join(FOLDER, name), "rb") as file:
            table = tomllib.load(file)
        if unknown := set(table) - MEMBERS:
            raise SystemExit(f"conformance: {name}: {', '.join(sorted(unknown))} is no member of a plan")
        matrix = table.get("matrix", {})
        left_out = [set(each.items()) for each in table.get("without", [])]
        for values in itertools.product(*matrix.values()):
            chosen = dict(zip(matrix, values))
            if not any(each <= set(chosen.items()) for each in left_out):
                plans.append(plan_of(os.path.splitext(name)[0], table, chosen))
    return plans
