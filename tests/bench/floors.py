"""The floors that a release keeps (decision E10): each a share of a ceiling that was measured in the same run."""

# name of the workload, share, ceiling as a function of the figures, words.
FLOORS = [
    ("exchange_es256", 0.25, lambda f: f["ceilings"]["es256_signatures"] / 2, "raw ES256 signatures / 2"),
    ("refresh", 0.20, lambda f: f["ceilings"]["es256_signatures"], "raw ES256 signatures"),
    ("client_credentials_es256", 0.28, lambda f: f["ceilings"]["es256_signatures"], "raw ES256 signatures"),
    ("introspection", 0.40, lambda f: f["static"]["rate"], "the static answer"),
    ("userinfo", 0.40, lambda f: f["static"]["rate"], "the static answer"),
    ("discovery", 0.70, lambda f: f["static"]["rate"], "the static answer"),
    ("jwks", 0.70, lambda f: f["static"]["rate"], "the static answer"),
    ("flow_rs256_opaque", 0.80, lambda f: f["ceilings"]["rs256_signatures"], "raw RS256 signatures"),
    ("login", 0.90, lambda f: f["ceilings"]["argon2id_hashes"], "raw argon2id hashes"),
]


def judge(figures):
    """Prints each floor that could be judged; the names of those missed."""
    missed = []
    for name, share, ceiling, words in FLOORS:
        if name not in figures:
            continue
        reached = figures[name]["rate"] / ceiling(figures)
        verdict = "holds" if reached >= share else "MISSED"
        if reached < share:
            missed.append(name)
        print(f"floor {name:26} {reached * 100:5.1f} % of {words}, at least {share * 100:.0f} %: {verdict}")
    return missed
