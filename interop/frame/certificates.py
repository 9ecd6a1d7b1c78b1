"""The certificates of one run: a root of its own and a leaf for localhost, made with openssl, gone with the folder."""
import os
import ssl
import subprocess


def openssl(*arguments, folder):
    done = subprocess.run(["openssl", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl " + " ".join(arguments) + "\n" + done.stdout)


class Certificates:
    """Files: ca (the root, for clients to trust), certificate and key (leaf for localhost, loopback and the apps)."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, self.certificate = os.path.join(folder, "ca.pem"), os.path.join(folder, "leaf.pem")
        self.key = os.path.join(folder, "leaf.key")
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                "-subj", "/CN=Interop run", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign", folder=folder)
        with open(os.path.join(folder, "leaf.ext"), "w", encoding="utf-8") as out:
            out.write("subjectAltName=DNS:localhost,DNS:*.interop.test,IP:127.0.0.1,IP:::1\n"
                      "extendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n"
                      "basicConstraints=critical,CA:FALSE\n")
        openssl("req", *new_key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost", folder=folder)
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", "leaf.ext", "-out", "leaf.pem", folder=folder)

    def server_context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self):
        return ssl.create_default_context(cafile=self.ca)
