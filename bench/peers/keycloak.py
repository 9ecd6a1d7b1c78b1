"""Keycloak (its distribution of Maven Central) on PostgreSQL: production mode, plain HTTP on loopback, one realm that
is imported at the start, refresh tokens that rotate at each use."""
import json
import os
import subprocess
import tarfile

from peer import CACHE, CALLBACK, DISCOVERY, JWKS, JWT_ES, JWT_RS, PASSWORD, SECRET, Unavailable, pinned, run
from postgres import PeerOnPostgres, Postgres

VERSION = "26.7.3"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:tar.gz"


class Keycloak(PeerOnPostgres):
    name = "Keycloak"
    rows = (DISCOVERY, JWKS, ("client-credentials", JWT_ES), ("client-credentials", JWT_RS), ("introspection", JWT_RS),
            ("userinfo", JWT_RS), ("refresh", JWT_ES), ("refresh", JWT_RS), ("code", JWT_ES))
    floors = {("client-credentials", JWT_ES): 20, ("client-credentials", JWT_RS): 20, ("refresh", JWT_ES): 20,
              ("refresh", JWT_RS): 20}
    warm_up = 20.0  # a virtual machine that has not compiled its code yet says nothing about it
    scope = "openid"

    def __init__(self, folder):
        super().__init__(folder)

    def prepare(self):
        os.makedirs(CACHE, exist_ok=True)
        archive = os.path.join(CACHE, f"keycloak-quarkus-dist-{VERSION}.tar.gz")
        if not os.path.exists(archive):
            run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={CACHE}"],
                cwd=CACHE)
        return VERSION

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.port}/realms/bench"

    def command(self):
        with tarfile.open(os.path.join(CACHE, f"keycloak-quarkus-dist-{VERSION}.tar.gz")) as archive:
            archive.extractall(self.folder)
        home = os.path.join(self.folder, f"keycloak-{VERSION}")
        os.makedirs(os.path.join(home, "data", "import"))
        with open(os.path.join(home, "data", "import", "bench.json"), "w", encoding="utf-8") as out:
            json.dump(self.realm(), out)
        self.database = Postgres(self.folder)
        script = os.path.join(home, "bin", "kc.sh")
        build = pinned(0, [script, "build", "--db=postgres"])
        done = subprocess.run(build, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise Unavailable("`kc.sh build`: " + (done.stderr or done.stdout).strip()[-300:])
        return [script, "start", "--optimized", "--import-realm", "--http-enabled=true", "--http-host=127.0.0.1",
                f"--http-port={self.port}", f"--hostname=http://127.0.0.1:{self.port}", "--cache=local",
                f"--db-url=jdbc:postgresql://127.0.0.1:{self.database.port}/postgres", "--db-username=peer",
                "--db-password=peer", "--log-level=warn"]

    def environment(self):
        return {"JAVA_OPTS_KC_HEAP": "-Xms512m -Xmx2048m"}

    def realm(self):
        def client(client_id):
            algorithm = client_id.split("-")[1].upper()
            return {"clientId": client_id, "secret": SECRET, "enabled": True, "publicClient": False,
                    "redirectUris": [CALLBACK], "standardFlowEnabled": True, "serviceAccountsEnabled": True,
                    "attributes": {"access.token.signed.response.alg": algorithm,
                                   "id.token.signed.response.alg": algorithm},
                    "protocolMappers": [audience(client_id)]}

        def audience(client_id):
            """Who asks about a token must be in its audience."""
            return {"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                    "config": {"included.client.audience": client_id, "access.token.claim": "true",
                               "introspection.token.claim": "true"}}

        return {"realm": "bench", "enabled": True, "sslRequired": "none", "revokeRefreshToken": True,
                "refreshTokenMaxReuse": 0, "clients": [client(JWT_ES), client(JWT_RS)],
                "components": {"org.keycloak.keys.KeyProvider": [
                    {"name": "rs", "providerId": "rsa-generated", "config": {"priority": ["100"]}},
                    {"name": "es", "providerId": "ecdsa-generated",
                     "config": {"priority": ["100"], "ecdsaEllipticCurveKey": ["P-256"]}}]},
                "users": [{"username": "alice", "enabled": True, "email": "alice@example.com", "emailVerified": True,
                           "firstName": "Alice", "lastName": "Example",
                           "credentials": [{"type": "password", "value": PASSWORD}]}]}
