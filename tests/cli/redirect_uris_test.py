"""The redirect-URI corpus over HTTP: every row of tests/vectors/redirect-uris.tsv as a request to /authorize of a
running `cardea serve`, each row with a client of its own. RFC 9700 4.1.3."""
import http.client
import json
import os
import unittest
import urllib.parse

from serve_test import ROOT, ServeCase

CORPUS = os.path.join(ROOT, "tests", "vectors", "redirect-uris.tsv")
LET_THROUGH = 15  # rows whose URI matches; the corpus has not been cut short
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def rows():
    """(id, client kind, registered, presented or None, whether it is let through)"""
    with open(CORPUS, encoding="utf-8") as corpus:
        next(corpus)
        for line in corpus:
            name, kind, registered, presented, expected = line.rstrip("\n").split("\t")[:5]
            if presented == "(absent)":
                value = None
            elif presented == "(registered+9000a)":
                value = registered + "a" * 9000
            else:
                value = json.loads(presented)
            yield name, kind, registered, value, expected == "ok"


class RedirectUris(ServeCase):
    """Serve policy: nothing is relaxed."""

    def setUp(self):
        self.rows = list(rows())
        super().setUp()

    def start(self):
        if self.server is None:
            with open(self.config, "a", encoding="utf-8") as out:
                for name, kind, registered, _, _ in self.rows:
                    out.write(f"[[clients]]\nclient_id = \"{name}\"\ntoken_endpoint_auth_method = \"none\"\n"
                              f"redirect_uris = [{json.dumps(registered)}]\n"
                              f"application_type = \"{'native' if kind == 'native' else 'web'}\"\n"
                              f"development = {'true' if kind == 'web-development' else 'false'}\n")
        super().start()

    def authorize(self, name, presented):
        """Status, Location and body of the request, with the value percent-encoded byte by byte."""
        target = ("/authorize?response_type=code&scope=openid&code_challenge_method=S256&prompt=none&state=s"
                  f"&code_challenge={CHALLENGE}&client_id={name}")
        if presented is not None:
            target += "&redirect_uri=" + urllib.parse.quote(presented.encode("utf-8", "surrogatepass"), safe="")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", target, headers={"Host": f"localhost:{self.port}"})
        answer = connection.getresponse()
        result = answer.status, answer.getheader("Location"), answer.read().decode()
        connection.close()
        return result

    # 9700-01; 6749-05; 8252-01; 8252-02: the URI that matched, or a page that leads nowhere
    def test_every_row_over_http(self):
        self.assertEqual((len(self.rows), sum(row[4] for row in self.rows)), (171, LET_THROUGH))
        for name, _, registered, presented, is_let_through in self.rows:
            with self.subTest(name):
                status, location, body = self.authorize(name, presented)
                if is_let_through:
                    self.assertEqual(status, 303)
                    separator = "&" if "?" in presented else "?"
                    self.assertTrue(location.startswith(presented + separator + "error=login_required"), location)
                else:
                    self.assertTrue(400 <= status < 500, status)
                    self.assertIsNone(location)
                    self.assertIn("invalid_request", body if status == 400 else "invalid_request")
                    self.assertNotIn("evil.test", "".join(part.split(">")[0] for part in body.split("<")))
                    self.assertNotEqual(registered, presented)


if __name__ == "__main__":
    unittest.main()
