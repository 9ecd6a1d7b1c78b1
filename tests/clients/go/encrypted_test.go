// What is encrypted to a client is opened by go-jose of Debian, which shares no code with the server: ID tokens, userinfo
// and introspection answers, with every pair of algorithms that discovery names; and what it encrypts is opened by the
// server.
package cardea

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/ioutil"
	"math/big"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	oidc "github.com/coreos/go-oidc"
	jose "gopkg.in/square/go-jose.v2"
)

func b64(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func tomlKeys(rsaKey *rsa.PrivateKey, ecKey *ecdsa.PrivateKey) string {
	return fmt.Sprintf(`{ keys = [
  { kty = "RSA", use = "enc", kid = "r", n = "%s", e = "%s" },
  { kty = "EC", crv = "P-384", use = "enc", kid = "e", x = "%s", y = "%s" } ] }`,
		b64(rsaKey.N.Bytes()), b64(big.NewInt(int64(rsaKey.E)).Bytes()),
		b64(ecKey.X.FillBytes(make([]byte, 48))), b64(ecKey.Y.FillBytes(make([]byte, 48))))
}

// 7516-08; 7516-09; 9701-05: an independent implementation opens what was encrypted to it
func TestEncryptedAnswers(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	pairs := [][2]string{}
	for _, alg := range []string{"RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"} {
		for _, enc := range []string{"A128GCM", "A256GCM"} {
			name := fmt.Sprintf("pair%d", len(pairs))
			pairs = append(pairs, [2]string{alg, enc})
			fmt.Fprintf(&file, `[[clients]]
client_id = "%s"
redirect_uris = ["https://app.example/%s"]
scope = "openid profile email"
jwks = %s
subject_type = "pairwise"
userinfo_signed_response_alg = "ES256"
introspection_signed_response_alg = "RS256"
`, name, name, tomlKeys(rsaKey, ecKey))
			for _, answer := range []string{"id_token", "userinfo", "introspection"} {
				fmt.Fprintf(&file, "%s_encrypted_response_alg = \"%s\"\n%s_encrypted_response_enc = \"%s\"\n", answer, alg, answer, enc)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "clients.toml")
	if err := ioutil.WriteFile(path, []byte(file.String()), 0600); err != nil {
		t.Fatal(err)
	}
	values := startDev(t, "--clients", path)
	for i, pair := range pairs {
		client := newParty(t, values, fmt.Sprintf("pair%d", i))
		open := func(token string) string {
			parsed, err := jose.ParseEncrypted(token)
			if err != nil {
				t.Fatal(pair, err)
			}
			header := parsed.Header
			if header.Algorithm != pair[0] || header.ExtraHeaders["enc"] != pair[1] && header.ExtraHeaders["enc"] != nil {
				t.Fatalf("%v: header %+v", pair, header)
			}
			var key interface{} = ecKey
			if pair[0] == "RSA-OAEP-256" {
				key = rsaKey
			}
			content, err := parsed.Decrypt(key)
			if err != nil {
				t.Fatal(pair, err)
			}
			return string(content)
		}
		tokens := client.signIn(t, values)
		inner := open(tokens.Extra("id_token").(string))
		verified, err := client.provider.Verifier(&oidc.Config{ClientID: client.config.ClientID}).Verify(client.ctx, inner)
		if err != nil {
			t.Fatal(pair, err)
		}
		if verified.Nonce != "nonce-of-go" || len(verified.Subject) != 43 || verified.Subject == values.Users[0].Sub {
			t.Fatalf("nonce %q, subject %q", verified.Nonce, verified.Subject)
		}

		http := &http.Client{Transport: client.transport}
		claimsOf := func(kind, answer string) map[string]interface{} {
			signed, err := jose.ParseSigned(open(answer))
			if err != nil {
				t.Fatal(pair, kind, err)
			}
			var claims map[string]interface{}
			if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims); err != nil {
				t.Fatal(pair, kind, err)
			}
			if claims["aud"] != client.config.ClientID || claims["iss"] != values.Issuer {
				t.Fatalf("%v %s: %v", pair, kind, claims)
			}
			return claims
		}
		request, _ := newRequest("GET", values.Issuer+"/userinfo", "")
		request.Header.Set("Authorization", "Bearer "+tokens.AccessToken)
		if claims := claimsOf("userinfo", body(t, http, request, "application/jwt")); claims["sub"] != verified.Subject {
			t.Fatalf("%v: userinfo %v", pair, claims)
		}
		request, _ = newRequest("POST", values.Issuer+"/introspect", url.Values{"token": {tokens.AccessToken}}.Encode())
		request.SetBasicAuth(client.config.ClientID, client.config.ClientSecret)
		claims := claimsOf("introspection", body(t, http, request, "application/token-introspection+jwt"))
		described := claims["token_introspection"].(map[string]interface{})
		if described["active"] != true || described["sub"] != verified.Subject {
			t.Fatalf("%v: introspection %v", pair, claims)
		}
	}
}

// 9101-10: an independent implementation encrypts its signed requests to the published keys
func TestEncryptedRequestObjects(t *testing.T) {
	signingKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	pairs := [][2]string{}
	for _, alg := range []string{"RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"} {
		for _, enc := range []string{"A128GCM", "A256GCM"} {
			fmt.Fprintf(&file, `[[clients]]
client_id = "pair%d"
redirect_uris = ["https://app.example/cb"]
scope = "openid"
require_signed_request_object = true
request_object_encryption_alg = "%s"
request_object_encryption_enc = "%s"
jwks = { keys = [ { kty = "EC", crv = "P-256", use = "sig", kid = "s", x = "%s", y = "%s" } ] }
`, len(pairs), alg, enc, b64(signingKey.X.FillBytes(make([]byte, 32))), b64(signingKey.Y.FillBytes(make([]byte, 32))))
			pairs = append(pairs, [2]string{alg, enc})
		}
	}
	path := filepath.Join(t.TempDir(), "clients.toml")
	if err := ioutil.WriteFile(path, []byte(file.String()), 0600); err != nil {
		t.Fatal(err)
	}
	values := startDev(t, "--clients", path)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: signingKey, KeyID: "s"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, pair := range pairs {
		clientID := fmt.Sprintf("pair%d", i)
		client := newParty(t, values, clientID)
		browser := &http.Client{Transport: client.transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
		asked, _ := newRequest("GET", values.Issuer+"/jwks", "")
		var published jose.JSONWebKeySet
		if err := json.Unmarshal([]byte(body(t, browser, asked, "application/json")), &published); err != nil {
			t.Fatal(err)
		}
		claims, _ := json.Marshal(map[string]interface{}{
			"iss": clientID, "client_id": clientID, "aud": values.Issuer, "response_type": "code", "scope": "openid",
			"redirect_uri": "https://app.example/cb", "code_challenge_method": "S256", "code_challenge": strings.Repeat("A", 43),
		})
		signed, err := signer.Sign(claims)
		if err != nil {
			t.Fatal(err)
		}
		object, _ := signed.CompactSerialize()
		sent := 0
		for _, key := range published.Keys {
			_, isRSA := key.Key.(*rsa.PublicKey)
			if key.Use != "enc" || isRSA != (pair[0] == "RSA-OAEP-256") {
				continue
			}
			encrypter, err := jose.NewEncrypter(jose.ContentEncryption(pair[1]),
				jose.Recipient{Algorithm: jose.KeyAlgorithm(pair[0]), Key: key.Key, KeyID: key.KeyID},
				(&jose.EncrypterOptions{}).WithContentType("JWT"))
			if err != nil {
				t.Fatal(pair, err)
			}
			encrypted, err := encrypter.Encrypt([]byte(object))
			if err != nil {
				t.Fatal(pair, err)
			}
			text, _ := encrypted.CompactSerialize()
			target := values.Issuer + "/authorize?" + url.Values{"client_id": {clientID}, "request": {text}}.Encode()
			answer, err := browser.Get(target)
			if err != nil {
				t.Fatal(pair, err)
			}
			answer.Body.Close()
			if answer.StatusCode != 303 || !strings.Contains(answer.Header.Get("Location"), "/interaction/") {
				t.Fatalf("%v: %d %s", pair, answer.StatusCode, answer.Header.Get("Location"))
			}
			sent++
		}
		if sent == 0 {
			t.Fatalf("%v: no key of use enc is published", pair)
		}
	}
}

func newRequest(method, target, form string) (*http.Request, error) {
	request, err := http.NewRequest(method, target, strings.NewReader(form))
	if err == nil && form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return request, err
}

func body(t *testing.T, client *http.Client, request *http.Request, mediaType string) string {
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := ioutil.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || answer.Header.Get("Content-Type") != mediaType {
		t.Fatalf("%s: %d %s %s", request.URL, answer.StatusCode, answer.Header.Get("Content-Type"), text)
	}
	return string(text)
}
