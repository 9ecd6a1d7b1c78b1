// Makes independent.json: one signed token for each algorithm by Go's standard library, which shares no code with
// ours. Run by hand: go run make_independent.go > independent.json
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"os"
	"strings"
)

type vector struct {
	Name  string            `json:"name"`
	Valid bool              `json:"valid"`
	Alg   string            `json:"alg"`
	Jwk   map[string]string `json:"jwk"`
	Pkcs8 string            `json:"pkcs8"`
	Token string            `json:"token"`
}

var b64 = base64.RawURLEncoding.EncodeToString

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func ecJwk(key *ecdsa.PrivateKey, crv string, size int) map[string]string {
	return map[string]string{"kty": "EC", "crv": crv,
		"x": b64(key.X.FillBytes(make([]byte, size))), "y": b64(key.Y.FillBytes(make([]byte, size)))}
}

func ecSign(key *ecdsa.PrivateKey, digest []byte, size int) []byte {
	r, s, err := ecdsa.Sign(rand.Reader, key, digest)
	check(err)
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

// variant: "" for a right signature, else the point in which it is wrong.
func make1(alg, variant string) vector {
	kid := "go-" + alg
	head := b64([]byte(`{"alg":"` + alg + `","kid":"` + kid + `","typ":"at+jwt"}`))
	input := head + "." + b64([]byte(`{"iss":"https://issuer.example","sub":"a\u00e9\"b","exp":1900000000}`))
	d256, d384 := sha256.Sum256([]byte(input)), sha512.Sum384([]byte(input))
	var key crypto.PrivateKey
	var jwk map[string]string
	var sig []byte
	var err error
	switch alg {
	case "RS256", "PS256":
		k, e := rsa.GenerateKey(rand.Reader, 2048)
		check(e)
		jwk = map[string]string{"kty": "RSA", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
		if alg == "RS256" {
			sig, err = rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, d256[:])
			if variant == "SHA-512" {
				d512 := sha512.Sum512([]byte(input))
				sig, err = rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA512, d512[:])
			}
		} else {
			salt := 32
			if variant == "salt of 20 bytes" {
				salt = 20
			}
			sig, err = rsa.SignPSS(rand.Reader, k, crypto.SHA256, d256[:], &rsa.PSSOptions{SaltLength: salt})
		}
		key = k
	case "ES256":
		k, e := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		check(e)
		jwk, sig, key = ecJwk(k, "P-256", 32), ecSign(k, d256[:], 32), k
	case "ES384":
		k, e := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		check(e)
		jwk, sig, key = ecJwk(k, "P-384", 48), ecSign(k, d384[:], 48), k
	case "EdDSA":
		pub, k, e := ed25519.GenerateKey(rand.Reader)
		check(e)
		jwk = map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64(pub)}
		sig, key = ed25519.Sign(k, []byte(input)), k
	}
	check(err)
	jwk["kid"], jwk["alg"] = kid, alg
	der, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	return vector{Name: strings.TrimSpace(alg + " " + variant), Valid: variant == "", Alg: alg, Jwk: jwk, Pkcs8: b64(der), Token: input + "." + b64(sig)}
}

func main() {
	var out []vector
	for _, alg := range []string{"RS256", "PS256", "ES256", "ES384", "EdDSA"} {
		out = append(out, make1(alg, ""))
	}
	out = append(out, make1("PS256", "salt of 20 bytes"), make1("RS256", "SHA-512"))
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(out))
}
