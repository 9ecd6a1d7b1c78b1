"""Forged, weak and malformed JWTs at every place that reads one, and keys that must not be registered. Security corpus
2.D."""
import glob
import gzip
import hashlib
import hmac
import json
import re
import sqlite3
import subprocess
import time
import zlib

import flows
from attack_case import AttackCase
from flows import ASSERTION_TYPE, Client, assertion, assertion_claims, encode, jwt_of, sign_rs256
from issuer_process import ROOT


def hmac_signer(key):
    return lambda signed: hmac.new(key, signed, hashlib.sha256).digest()


class AssertionCase(AttackCase):
    def present(self, jwt, client_id=None, browser=None):
        fields = {"grant_type": "client_credentials", "scope": "notes.read", "client_assertion_type": ASSERTION_TYPE,
                  "client_assertion": jwt}
        if client_id:
            fields["client_id"] = client_id
        return (browser or self.one_browser()).post("/token", fields)

    def one_browser(self):
        if not self.issuer.browsers:
            self.issuer.browser()
        return self.issuer.browsers[0]

    def refuse(self, jwt, **over):
        self.assert_json_error(self.present(jwt, **over), 401, "invalid_client")

    def tearDown(self):
        # The true key still opens the door: what was refused was refused for itself.
        self.assertEqual(self.present(assertion(self.issuer, self.issuer.cK)).status, 200)
        super().tearDown()


class Assertions(AssertionCase):
    # D01; 8725-01; 8725-02: no header turns the public key, or nothing, into a secret; `none` in no spelling
    def test_d01_algorithm_confusion(self):
        issuer = self.issuer
        cK = issuer.cK
        public = subprocess.run(["openssl", "pkey", "-in", cK.key_file, "-pubout"], check=True,
                                capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-in", cK.key_file, "-pubout", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        modulus = flows.decode(issuer.cK_modulus)
        for key in (b"", b"\0" * 32, public, public.strip(), der, modulus, issuer.cK_modulus.encode(), b"AQAB",
                    json.dumps(flows.rsa_jwk(cK.key_file)).encode()):
            for alg in ("HS256", "HS384", "HS512", "hs256"):
                for kid in ({"kid": "r1"}, {}):
                    self.refuse(jwt_of({"alg": alg} | kid, assertion_claims(issuer, cK), hmac_signer(key)))
        for alg in ("none", "None", "NONE", "nOnE", "", None, 0, ["RS256"], "RS256 ", "ES256K", "RSA1_5"):
            self.refuse(jwt_of({"alg": alg, "kid": "r1"}, assertion_claims(issuer, cK), lambda _: b""))
            self.refuse(jwt_of({"alg": alg, "kid": "r1"}, assertion_claims(issuer, cK),
                               lambda signed: sign_rs256(cK.key_file, signed)))
        self.refuse(jwt_of({"kid": "r1"}, assertion_claims(issuer, cK), lambda s: sign_rs256(cK.key_file, s)))

    # D03; 8725-03: compact only; an unprotected header, a second signature and a detached payload count for nothing
    def test_d03_serializations(self):
        issuer = self.issuer
        header, payload, signature = assertion(issuer, issuer.cK).split(".")
        flat = {"protected": header, "payload": payload, "signature": signature}
        general = {"payload": payload, "signatures": [{"protected": header, "signature": signature}] * 2}
        bare = {"header": {"alg": "none"}, "payload": payload, "signature": ""}
        for text in (json.dumps(flat), json.dumps(general), json.dumps(bare), f"{header}..{signature}",
                     f"{header}.{payload}", f"{header}.{payload}.", f".{payload}.{signature}", "..", "",
                     f"{header}.{payload}.{signature}.", f"{header}.{payload}.{signature}.{signature}.{signature}",
                     f"{header}.{payload}.{signature}\n", f" {header}.{payload}.{signature}",
                     f"{header}=.{payload}.{signature}", f"{header}.{payload}.{signature}=",
                     f"{header}.{payload}.{signature[:-4]}", f"{header}\n.{payload}.{signature}",
                     f"{header}.{payload}.{signature.replace('-', '+').replace('_', '/')}+/"):
            self.assertIn(self.present(text).status, (400, 401), text)
        for more in ({"b64": False, "crit": ["b64"]}, {"b64": False}, {"typ": "at+jwt"}, {"typ": "logout+jwt"},
                     {"typ": "dpop+jwt"}):
            self.refuse(assertion(issuer, issuer.cK, header=more))

    # D04; 8725-09: a key that comes along is no key, an address in a header is no address
    def test_d04_embedded_keys(self):
        issuer = self.issuer
        foreign = flows.make_key(issuer.folder, "foreign.pem", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        evil = Client("cK", "", key_file=foreign)
        jwk = flows.rsa_jwk(foreign)
        for more in ({}, {"jwk": jwk}, {"jku": "http://127.0.0.1:1/jwks"}, {"x5u": "http://127.0.0.1:1/x"},
                     {"x5c": ["AAAA"]}, {"jwk": jwk, "kid": None}, {"kid": "../../../dev/null"}, {"kid": ""},
                     {"kid": "r1' OR '1'='1"}, {"kid": 1}):
            self.refuse(assertion(issuer, evil, header=more))
        self.refuse(assertion(issuer, issuer.cK, header={"kid": "another"}))

    # D04; 8725-04: signatures of zeros, in DER, cut or swapped are none
    def test_d04_elliptic_signatures(self):
        issuer = self.issuer
        key = flows.make_key(issuer.folder, "ec.pem", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        client, jwk = self.elliptic_client(key)
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

        def der(signed):
            return sign_rs256(key, signed)  # the program signs with whatever key the file holds

        def concatenated(signed):
            raw = der(signed)
            first = raw[4:4 + raw[3]]
            second = raw[6 + raw[3]:]
            return first[-32:].rjust(32, b"\0") + second[-32:].rjust(32, b"\0")

        def present(sign):
            return self.present(jwt_of({"alg": "ES256", "kid": jwk["kid"]}, assertion_claims(issuer, client), sign))

        self.assertEqual(present(concatenated).status, 200)
        number = order.to_bytes(32, "big")
        for sign in (lambda _: b"\0" * 64, lambda _: b"\0" * 63, lambda _: b"", der, lambda _: number + number,
                     lambda s: concatenated(s)[:32] + b"\0" * 32, lambda s: b"\0" * 32 + concatenated(s)[32:],
                     lambda s: concatenated(s)[32:] + concatenated(s)[:32], lambda s: concatenated(s) + b"\0",
                     lambda s: b"\0" + concatenated(s), lambda _: b"\xff" * 64,
                     lambda s: concatenated(s)[:32] + number, lambda s: concatenated(s + b".")):
            self.assert_json_error(present(sign), 401, "invalid_client")

    def elliptic_client(self, key):
        text = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True,
                              capture_output=True).stdout
        point = text[-64:]
        jwk = {"kty": "EC", "crv": "P-256", "kid": "e1", "x": encode(point[:32]), "y": encode(point[32:])}
        client_id = f"cE{next(self.issuer.names)}"
        self.issuer.cardea("clients", "add", client_id, "--set", "token_endpoint_auth_method=private_key_jwt", "--set",
                           "grant_types=client_credentials", "--set", "response_types=", "--set", "scope=notes.read",
                           "--set", "jwks=" + json.dumps({"keys": [jwk]}))
        return Client(client_id, ""), jwk

    # D08; 8725-06: a compressed payload is not inflated, be it small or a bomb
    def test_d08_compression(self):
        issuer = self.issuer
        claims = json.dumps(assertion_claims(issuer, issuer.cK)).encode()
        for text in (claims, claims[:-1] + b', "a": "' + b"0" * (4 << 20) + b'"}'):
            for method in (zlib.compress(text), zlib.compress(text)[2:-4], gzip.compress(text)):
                for more in ({"zip": "DEF"}, {"zip": "GZIP"}, {}):
                    header = encode(json.dumps({"alg": "RS256", "kid": "r1"} | more).encode())
                    signed = header + "." + encode(method)
                    signature = encode(sign_rs256(issuer.cK.key_file, signed.encode()))
                    self.refuse(signed + "." + signature)

    # D10: a secret beside a junk assertion signs nobody in, with either kind of client
    def test_d10_secret_and_junk_assertion(self):
        issuer, browser = self.issuer, self.one_browser()
        junk = jwt_of({"alg": "none"}, {"sub": "cK", "iss": "cK"}, lambda _: b"")
        for client in (Client("cK", "", "s" * 43), issuer.cA):
            for text in (junk, "x", "", assertion(issuer, issuer.cK)):
                fields = {"grant_type": "client_credentials", "client_assertion": text, "client_id": client.client_id,
                          "client_assertion_type": ASSERTION_TYPE}
                for answer in (browser.post("/token", fields, flows.basic(client)),
                               browser.post("/token", fields | {"client_secret": client.secret})):
                    self.assertIn((answer.status, answer.error), ((400, "invalid_request"), (401, "invalid_client")))
        answer = browser.post("/token", {"grant_type": "client_credentials"}, flows.basic(Client("cK", "", "s" * 43)))
        self.assert_json_error(answer, 401, "invalid_client")
        self.refuse(junk, client_id="cA")

    # D11; 8725-08: only an assertion that is for this issuer alone
    def test_d11_audiences(self):
        issuer = self.issuer
        us = issuer.issuer
        for audience in ("https://other.test/token", us + "/", us + "/par", us.upper(), us.replace("https", "http"),
                         us + ".evil.test", [us, "https://other.test"], [], [us, 5], 5, {}, None, "", us + " ", "cK",
                         [[us]], us + "/token/", us + ":443"):
            self.refuse(assertion(issuer, issuer.cK, aud=audience))
        for name in ("iss", "sub"):
            for value in ("cA", "", None, 7, ["cK"], us):
                self.refuse(assertion(issuer, issuer.cK, **{name: value}))
        for audience in (us, us + "/token", [us], [us, us + "/token"]):
            self.assertEqual(self.present(assertion(issuer, issuer.cK, aud=audience)).status, 200)

    # D12; 8725-13: far ends are refused, and a refused assertion is remembered nowhere
    def test_d12_far_expiry_is_not_remembered(self):
        issuer = self.issuer

        def remembered():
            store = sqlite3.connect(f"file:{issuer.data}/cardea.db?mode=ro", uri=True)
            try:
                return store.execute("SELECT count(*) FROM once_values").fetchone()[0]
            finally:
                store.close()

        before, now = remembered(), int(time.time())
        for far in (3600 * 2, 86400, 10 ** 9, 2 ** 40):
            for _ in range(25):
                self.refuse(assertion(issuer, issuer.cK, exp=now + far))
        self.assertEqual(remembered(), before)
        memory = issuer.resident_kib()
        browser = self.one_browser()
        junk = assertion(issuer, issuer.cK, exp=now + 86400)
        for _ in range(2000):
            self.present(junk, browser=browser)
        self.assertEqual(remembered(), before)
        self.assertLess(issuer.resident_kib() - memory, 8 << 10)

    # D14; 8725-12; 8725-14: absurd dates, claims that are no object, doubled and too deep members
    def test_d14_absurd_claims(self):
        issuer, now = self.issuer, int(time.time())
        past = ("-1e300", "-0.0e9", "1e-400")  # sane for a beginning, absurd for an end
        for value in ("1e300", "1e400", '"123"', "null", "[]", "{}", "9223372036854775808", "true",
                      "18446744073709551616", '"Infinity"', *past):
            for name in ("exp",) if value in past else ("exp", "nbf", "iat"):
                claims = json.dumps(assertion_claims(issuer, issuer.cK, **{name: None}))
                self.refuse(self.signed(claims[:-1] + f', "{name}": {value}}}'))
        good = json.dumps(assertion_claims(issuer, issuer.cK))
        for text in ("[]", '"x"', "1", "null", "", "{", good + good, good + " x", "[" + good + "]", good[:-1],
                     good[:-1] + ', "sub": "cA"}', good[:-1] + ', "exp": ' + str(now + 50) + "}", "\ufeff" + good,
                     good.replace("cK", "c\\u0000K"), good.replace('"', "'"), good[:-1] + ', "a": NaN}',
                     good[:-1] + ', "a": ' + "[" * 2000 + "]" * 2000 + "}"):
            self.refuse(self.signed(text))

    def signed(self, claims):
        key = self.issuer.cK.key_file
        jwt = jwt_of({"alg": "RS256", "kid": "r1"}, claims, lambda signed: sign_rs256(key, signed))
        self.issuer.register.add("assertion", jwt)
        return jwt

    # D15; 8725-11: what claims to be critical and is not known is refused
    def test_d15_critical_headers(self):
        issuer = self.issuer
        for more in ({"crit": ["exp"], "exp": 1}, {"crit": ["x"], "x": 1}, {"crit": []}, {"crit": "x"},
                     {"crit": ["alg"]},
                     {"crit": None}, {"crit": [1]}, {"crit": ["b64"], "b64": True}, {"crit": ["x"]}):
            self.refuse(assertion(issuer, issuer.cK, header=more))


class Hints(AttackCase):
    # D03; D04; oidc-09: a forged hint names nobody, at sign-in and at sign-out
    def test_d04_forged_id_token_hints(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = flows.obtain_tokens(browser, issuer.cA, issuer.u1)
        header, payload, signature = tokens["id_token"].split(".")
        claims = flows.claims_of(tokens["id_token"])
        key = issuer.cK.key_file
        forged = [f"{header}.{payload}.", f"{header}.{payload}", f"{header}..{signature}",
                  jwt_of({"alg": "none"}, claims, lambda _: b""), jwt_of({"alg": "HS256"}, claims, hmac_signer(b"")),
                  jwt_of(json.loads(flows.decode(header)), claims, lambda signed: sign_rs256(key, signed)),
                  jwt_of({"alg": "RS256", "jwk": flows.rsa_jwk(key)}, claims, lambda signed: sign_rs256(key, signed)),
                  f"{header}.{encode(json.dumps(claims | {'sub': 'x'}).encode())}.{signature}", "a.b.c"]
        request = flows.request_of(issuer.cA, flows.new_verifier(issuer), prompt="none")
        for hint in forged:
            answer = browser.get(flows.authorize_path(request | {"id_token_hint": hint}))
            self.assert_redirected_error(answer, issuer.cA, "invalid_request")
            self.assert_page(browser.get("/logout?id_token_hint=" + hint))
        self.assertEqual(browser.get("/account").status, 200)


class Keys(AttackCase):
    # D04; D09; 8725-04: keys that are weak, private or no points at all cannot be registered
    def test_d09_keys_that_cannot_be_registered(self):
        issuer = self.issuer
        good = flows.rsa_jwk(issuer.cK.key_file)
        weak = flows.rsa_jwk(flows.make_key(issuer.folder, "weak.pem", "-algorithm", "RSA", "-pkeyopt",
                                            "rsa_keygen_bits:1024"))
        coordinate = encode(b"\1" * 32)
        keys = [weak, good | {"e": "AQ"}, good | {"e": "Ag"}, good | {"n": ""}, good | {"n": good["n"] + "="},
                good | {"d": "AAAA"}, good | {"kty": "oct", "k": "AAAA"}, {"kty": "oct", "k": encode(b"k" * 32)},
                {"kty": "EC", "crv": "P-256", "x": coordinate, "y": coordinate},
                {"kty": "EC", "crv": "P-256", "x": encode(b"\0" * 32), "y": encode(b"\0" * 32)},
                {"kty": "EC", "crv": "P-256", "x": coordinate[:-4], "y": coordinate},
                {"kty": "EC", "crv": "P-256K", "x": coordinate, "y": coordinate},
                {"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "none"}, {}, "x", None]
        for key in keys:
            with self.subTest(key=str(key)[:90]):
                issuer.cardea("clients", "add", "weak-key", "--set", "token_endpoint_auth_method=private_key_jwt",
                              "--set", "redirect_uris=https://w.test/cb", "--set",
                              "jwks=" + json.dumps({"keys": [key]}), code=2)

    # D09; 8725-04: nor does a certificate of no key beside a sound one end the server, whoever sends it
    def test_d09_a_certificate_of_no_key(self):
        # P-256, the point at infinity; the key beside it is the generator's.
        certificate = ("MIGEMGugAwIBAgIBATAKBggqhkjOPQQDAjAMMQowCAYDVQQDDAF4MB4XDTI1MDEwMTAwMDAwMFoXDTM1MDEwMTAwMD"
                       "AwMFowDDEKMAgGA1UEAwwBeDAZMBMGByqGSM49AgEGCCqGSM49AwEHAwIAADAKBggqhkjOPQQDAgMJADAGAgEBAgEB")
        jwk = {"kty": "EC", "crv": "P-256", "x5c": [certificate],
               "x": encode(bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")),
               "y": encode(bytes.fromhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"))}
        claims = {"jti": "1", "htm": "POST", "htu": self.issuer.issuer + "/token", "iat": int(time.time())}
        proof = jwt_of({"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk}, claims, lambda _: b"\0" * 64)
        answer = self.issuer.browser().post("/token", {"grant_type": "authorization_code", "code": "x",
                                                       "client_id": "pS"}, headers=[("DPoP", proof)])
        self.assert_json_error(answer, 400, "invalid_dpop_proof")
        self.assertEqual(self.issuer.browser().get("/jwks").status, 200)

    # D05: nothing in the product compares bytes of secrets with a function that stops at the first difference
    def test_d05_no_early_comparison(self):
        seen = 0
        for path in glob.glob(ROOT + "/src/**/*.cpp", recursive=True) + glob.glob(ROOT + "/src/**/*.h", recursive=True):
            with open(path, encoding="utf-8") as text:
                code = re.sub(r"//[^\n]*|\"(\\.|[^\"\\])*\"", "", text.read())
            seen += len(re.findall(r"constant_time_equal\(", code))
            for pattern in (r"(?<!sodium_)(?<!CRYPTO_)\b(?:mem|str|strn|b|strcase)cmp\s*\(",
                            r"reveal\(\)\s*[!=]=|[!=]=\s*\w+(?:\.|->)reveal\(\)"):
                self.assertEqual(re.findall(pattern, code), [], path)
        self.assertGreater(seen, 8)
