"""Cardea: `cardea serve` on SQLite with synchronous=FULL, with a client of each kind."""
import os
import subprocess

from peer import CALLBACK, JWT_ES, JWT_RS, OPAQUE_ES, OPAQUE_RS, PASSWORD, SECRET, Peer, free_port


class Cardea(Peer):
    name = "Cardea"
    store = "SQLite, synchronous=FULL"

    def __init__(self, folder, program):
        super().__init__(folder)
        self.program, self.management = program, free_port()

    def prepare(self):
        return subprocess.run([self.program, "version"], capture_output=True, text=True, check=True).stdout.split()[1]

    def command(self):
        for name, content in (("alice.password", PASSWORD), ("cardea.toml", self.configuration())):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
                out.write(content)
        return [self.program, "serve", "--config", os.path.join(self.folder, "cardea.toml")]

    def configuration(self):
        text = f"""issuer = "{self.issuer}"
listen = ["127.0.0.1:{self.port}"]
[management]
listen = "127.0.0.1:{self.management}"
[store]
url = "sqlite://{self.folder}/cardea.db"
[keys]
root_key_file = "{self.folder}/root.key"
[[users]]
login = "alice"
password_file = "{self.folder}/alice.password"
claims = {{ name = "Alice", email = "alice@example.com", email_verified = true }}
"""
        for client in (OPAQUE_ES, OPAQUE_RS, JWT_ES, JWT_RS):
            form, algorithm = client.split("-")
            text += f"""[[resources]]
identifier = "https://{client}.example"
access_token_format = "{form}"
scopes = ["{client}.read"]
introspection_clients = ["{client}"]
"""
            if form == "jwt":
                text += f'access_token_signing_alg = "{algorithm.upper()}"\n'
            text += f"""[[clients]]
client_id = "{client}"
client_secret = "{SECRET}"
redirect_uris = ["{CALLBACK}"]
scope = "openid offline_access {client}.read"
grant_types = ["authorization_code", "refresh_token", "client_credentials"]
id_token_signed_response_alg = "{algorithm.upper()}"
default_resource = "https://{client}.example"
consent = "skip"
"""
        return text
