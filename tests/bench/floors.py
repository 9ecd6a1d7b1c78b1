"""The floors that a release keeps (decision E10): each a share of a ceiling that was measured beside it, round by
round, because a shared machine is not as fast in one minute as in the next."""

# name of the workload, share, ceiling, what that is divided by, words.
FLOORS = [
    ("exchange_es256", 0.25, "es256_signatures", 2, "raw ES256 signatures / 2"),
    ("refresh", 0.20, "es256_signatures", 1, "raw ES256 signatures"),
    ("client_credentials_es256", 0.28, "es256_signatures", 1, "raw ES256 signatures"),
    ("introspection", 0.40, "static", 1, "the static answer"),
    ("userinfo", 0.40, "static", 1, "the static answer"),
    ("discovery", 0.70, "static", 1, "the static answer"),
    ("jwks", 0.70, "static", 1, "the static answer"),
    ("flow_rs256_opaque", 0.80, "rs256_signatures", 1, "raw RS256 signatures"),
    ("login", 0.90, "argon2id_hashes", 1, "raw argon2id hashes"),
]
CEILINGS = {name: ceiling for name, _, ceiling, _, _ in FLOORS}


def judge(figures):
    """Prints each floor that could be judged; the names of those missed."""
    missed = []
    for name, share, _, divisor, words in FLOORS:
        if "ceiling" not in figures.get(name, {}):
            continue
        reached = figures[name]["rate"] / (figures[name]["ceiling"] / divisor)
        verdict = "holds" if reached >= share else "MISSED"
        if reached < share:
            missed.append(name)
        print(f"floor {name:26} {reached * 100:5.1f} % of {words}, at least {share * 100:.0f} %: {verdict}")
    return missed
