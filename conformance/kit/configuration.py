"""The suite's configuration of a plan, made of the same rows as the server's: neither side can know another client."""
from kit.issuer import LOGIN, fill
from kit.robot import Robot

# The suite's names of the certificates with which its clients connect.
CERTIFICATES = {"client": "mtls", "client2": "mtls2"}


def client_of(issuer, role, row):
    """A client as the suite is told it: with its private key, where it has one."""
    known = {name: row[name] for name in ("client_id", "client_secret", "scope") if name in row}
    if role in issuer.keys:
        known["jwks"] = {"keys": [issuer.keys[role].private]}
    return known


def suite_configuration(issuer):
    plan = issuer.plan
    robot = Robot(issuer.values)
    made = {"description": "Cardea: " + plan.key,
            "server": {"discoveryUrl": issuer.origin + "/.well-known/openid-configuration", "login_hint": LOGIN},
            "browser": robot.script("sign in"),
            "override": {module: {"browser": robot.script(name)} for module, name in plan.robot.items()},
            # Pages are judged by their words; style sheets cost the suite's browser a fifth of its time.
            "options": {"browsercontrol_css_enable": False}}
    if plan.alias:
        made["alias"] = plan.alias
    for role, row in issuer.clients.items():
        made[role] = client_of(issuer, role, row)
        if role in issuer.keys and role in CERTIFICATES:
            key = issuer.keys[role]
            made[CERTIFICATES[role]] = {"cert": key.certificate_pem, "key": key.key_pem}
    for name, value in fill(plan.suite, issuer.values).items():
        made[name] = {**made.get(name, {}), **value} if isinstance(value, dict) else value
    return made
