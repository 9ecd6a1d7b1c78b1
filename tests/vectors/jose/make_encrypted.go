// Makes encrypted.json: one encrypted token for each pair of algorithms by go-jose of Debian, which shares no code with
// ours. Run by hand: GOPATH=/usr/share/gocode GO111MODULE=off go run make_encrypted.go > encrypted.json
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"

	jose "gopkg.in/square/go-jose.v2"
)

type vector struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Alg   string `json:"alg"`
	Enc   string `json:"enc"`
	Pkcs8 string `json:"pkcs8"`
	Token string `json:"token"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	check(err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	check(err)
	keys := []struct {
		kind            string
		private, public interface{}
		algorithms      []jose.KeyAlgorithm
	}{
		{"RSA", rsaKey, &rsaKey.PublicKey, []jose.KeyAlgorithm{jose.RSA_OAEP_256}},
		{"P-256", p256, &p256.PublicKey, []jose.KeyAlgorithm{jose.ECDH_ES, jose.ECDH_ES_A256KW}},
		{"P-384", p384, &p384.PublicKey, []jose.KeyAlgorithm{jose.ECDH_ES, jose.ECDH_ES_A256KW}},
	}
	var out []vector
	for _, key := range keys {
		der, err := x509.MarshalPKCS8PrivateKey(key.private)
		check(err)
		for _, alg := range key.algorithms {
			for _, enc := range []jose.ContentEncryption{jose.A128GCM, jose.A256GCM} {
				options := (&jose.EncrypterOptions{}).WithContentType("JWT")
				encrypter, err := jose.NewEncrypter(enc, jose.Recipient{Algorithm: alg, Key: key.public, KeyID: "go"}, options)
				check(err)
				sealed, err := encrypter.Encrypt([]byte("what go-jose encrypted \u00e4"))
				check(err)
				token, err := sealed.CompactSerialize()
				check(err)
				out = append(out, vector{key.kind + " " + string(alg) + " " + string(enc), key.kind, string(alg), string(enc),
					base64.RawURLEncoding.EncodeToString(der), token})
			}
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	check(encoder.Encode(out))
}
