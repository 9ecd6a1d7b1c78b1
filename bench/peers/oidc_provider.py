"""node-oidc-provider (npm) with its in-memory adapter, which keeps nothing: its defaults but for refresh tokens that
rotate at each use, as ours do."""
import json
import os
import shutil

from peer import (CACHE, CALLBACK, DISCOVERY, HERE, JWKS, JWT_ES, JWT_RS, OPAQUE_ES, OPAQUE_RS, SECRET, Peer, run)

SOURCE = os.path.join(HERE, "oidc-provider")
PLACE = os.path.join(CACHE, "oidc-provider")


class OidcProvider(Peer):
    name = "node-oidc-provider"
    store = "memory (not durable)"
    rows = (DISCOVERY, JWKS, ("client-credentials", OPAQUE_ES), ("client-credentials", JWT_ES),
            ("client-credentials", JWT_RS), ("introspection", OPAQUE_ES), ("userinfo", OPAQUE_ES),
            ("refresh", OPAQUE_ES), ("refresh", OPAQUE_RS), ("code", OPAQUE_ES))
    floors = {DISCOVERY: 4, JWKS: 4, ("client-credentials", OPAQUE_ES): 6, ("client-credentials", JWT_ES): 6,
              ("introspection", OPAQUE_ES): 6, ("refresh", OPAQUE_ES): 6, ("code", OPAQUE_ES): 6}

    def prepare(self):
        os.makedirs(PLACE, exist_ok=True)
        for name in ("package.json", "package-lock.json", "server.mjs"):
            shutil.copy(os.path.join(SOURCE, name), PLACE)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PLACE)
        with open(os.path.join(PLACE, "node_modules", "oidc-provider", "package.json"), encoding="utf-8") as file:
            return json.load(file)["version"]

    def command(self):
        return ["node", "--max-old-space-size=2048", os.path.join(PLACE, "server.mjs")]

    def environment(self):
        clients = [{"client_id": client, "form": client.split("-")[0], "algorithm": client.split("-")[1].upper()}
                   for client in (OPAQUE_ES, OPAQUE_RS, JWT_ES, JWT_RS)]
        described = {"issuer": self.issuer, "port": self.port, "secret": SECRET, "callback": CALLBACK,
                     "clients": clients}
        return {"NODE_ENV": "production", "PEER": json.dumps(described)}

    def arguments(self, workload, client):
        more = super().arguments(workload, client)
        if workload == "refresh":  # OIDC Core 11: offline access is granted where consent was asked for
            more += ["--prompt", "consent"]
        if client and client.startswith("jwt"):  # its access tokens are JWTs for a resource alone
            more += ["--resource", f"https://{client}.example"]
        return more
