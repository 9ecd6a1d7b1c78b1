"""The certificates of a trial: an authority of its own, one certificate for each machine and one for the issuer.

On real machines the issuer's certificate is a public authority's, and the authority of the machines is the operator's.
"""
import os
import subprocess


class Authority:
    """An authority in a folder, whose key never leaves it."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = os.path.join(folder, "ca.pem")

    def make(self):
        os.makedirs(self.folder, mode=0o700)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                     "-subj", "/CN=Cardea trial", "-keyout", self.path("ca.key"), "-out", self.certificate)

    def issue(self, target, names):
        """target.key and target.pem, for a server and a client with these subjectAltNames ("DNS:db1")."""
        request, extensions = self.path("request.pem"), self.path("extensions")
        with open(extensions, "w", encoding="utf-8") as out:
            out.write(f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth,clientAuth\n"
                      "basicConstraints=critical,CA:FALSE\n")
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={names[0].partition(':')[2]}", "-keyout", target + ".key", "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.path("ca.key"),
                     "-CAcreateserial", "-days", "825", "-extfile", extensions, "-out", target + ".pem")
        os.unlink(request)
        os.unlink(extensions)

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
