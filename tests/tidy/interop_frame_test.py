"""The frame of interop/run: only the signature is spoilt, shapes hold no secret, the browser keeps cookies as browsers
do, and every row's file is complete."""
import base64
import json
import os
import sys
import unittest

from load_tool import ROOT

sys.path.insert(0, os.path.join(ROOT, "interop"))
from frame import browser, gate, golden, rows  # noqa: E402


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


class GateTest(unittest.TestCase):
    TOKEN = part(b'{"alg":"RS256"}') + b"." + part(b'{"sub":"x"}') + b"." + part(bytes(range(64)))

    def test_only_the_signature_is_spoilt(self):
        spoilt = gate.spoil(self.TOKEN)
        self.assertEqual(spoilt.split(b".")[:2], self.TOKEN.split(b".")[:2])
        self.assertNotEqual(spoilt, self.TOKEN)
        self.assertEqual(len(spoilt), len(self.TOKEN))

    def test_every_way_of_an_id_token_is_seen(self):
        for text in (b'{"id_token":"%s"}', b'<input type="hidden" name="id_token" value="%s">', b"#id_token=%s&x=1"):
            found = [pattern for pattern in gate.ID_TOKENS if pattern.search(text % self.TOKEN)]
            self.assertEqual(len(found), 1, text)


class GoldenTest(unittest.TestCase):
    def test_a_shape_holds_names_and_known_values_only(self):
        body = b"grant_type=authorization_code&code=secret1&scope=profile+openid&client_secret=secret2"
        headers = [("Authorization", "Basic " + base64.b64encode(b"a%2D1:secret3").decode()), ("Host", "h")]
        shape = golden.shape(["POST", "/token?client-request-id=secret4", headers, body, 200])
        self.assertNotIn("secret", json.dumps(shape).replace("client_secret", ""))
        self.assertEqual(shape["body"]["scope"], "openid profile")
        self.assertEqual(shape["body"]["grant_type"], "authorization_code")
        self.assertEqual(shape["authorization"], "Basic, form-encoded")
        self.assertIsNone(golden.shape(["GET", "/interaction/x", [], b"", 200]))


class BrowserTest(unittest.TestCase):
    def send(self, method, coming_from):
        person = browser.PlainBrowser(None, "https://localhost:1", None, {})
        person.keep("a.interop.test", "lax=1; Path=/; Secure")
        person.keep("a.interop.test", "none=1; Path=/; Secure; SameSite=None")
        person.keep("a.interop.test", "gone=1; Path=/")
        person.keep("a.interop.test", "gone=; Path=/; Max-Age=0")
        parts = browser.urllib.parse.urlsplit("https://a.interop.test/callback")
        return person.cookies_for(method, parts, coming_from)

    def test_a_form_of_another_site_carries_only_cookies_that_say_so(self):
        self.assertEqual(self.send("POST", "https://localhost:1/interaction/x"), ["none=1"])
        self.assertEqual(self.send("POST", "https://a.interop.test/"), ["lax=1", "none=1"])
        self.assertEqual(self.send("GET", "https://localhost:1/interaction/x"), ["lax=1", "none=1"])


class RowsTest(unittest.TestCase):
    def test_every_row_can_be_read_and_has_its_shape(self):
        found = rows.read_rows()
        self.assertGreaterEqual(len(found), 17)
        self.assertEqual(len({row.client_id for row in found}), len(found))
        for row in found:
            self.assertIn(row.verifies, (True, False, "ignores it", "no ID token", "replay"), row.key)
            if row.golden:
                self.assertTrue(os.path.exists(golden.path_of(row)), row.key)

    def test_a_weaker_registration_is_shown(self):
        weak = [row.key for row in rows.read_rows() if row.client.get("pkce") == "optional"]
        for row in rows.read_rows():
            self.assertEqual(row.key in weak, 'pkce = "optional"' in row.needs(), row.key)


if __name__ == "__main__":
    unittest.main()
