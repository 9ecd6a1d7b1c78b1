// x/oauth2 and go-oidc from Debian against `cardea dev`: discovery, code flow with PKCE, the ID token's signature verified
// by go-oidc, userinfo, refresh.
package cardea

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"html"
	"io/ioutil"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	oidc "github.com/coreos/go-oidc"
	"golang.org/x/oauth2"
)

type ready struct {
	Issuer string `json:"issuer"`
	CAFile string `json:"ca_file"`
	Users  []struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		Sub      string `json:"sub"`
	} `json:"users"`
	Clients []struct {
		ClientID     string   `json:"client_id"`
		ClientSecret string   `json:"client_secret"`
		RedirectURIs []string `json:"redirect_uris"`
	} `json:"clients"`
}

func startDev(t *testing.T, more ...string) ready {
	home, err := ioutil.TempDir("", "cardea-dev-")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := filepath.Abs("../../../build/cardea")
	if err != nil {
		t.Fatal(err)
	}
	arguments := []string{"dev", "--json", "--port", "0", "--home", home, "--strictness", "strict", "--interaction", "form"}
	command := exec.Command(binary, append(arguments, more...)...)
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Error("cardea dev did not end cleanly: ", err)
		}
		os.RemoveAll(home)
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var values ready
	if err := json.Unmarshal([]byte(line), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

var hidden = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`)
var attribute = func(name string) *regexp.Regexp { return regexp.MustCompile(name + `="([^"]*)"`) }

// Submits the first form of a page with the given fields; follows redirects until they leave the issuer.
func submit(t *testing.T, browser *http.Client, page *http.Response, fields url.Values) *http.Response {
	body, err := ioutil.ReadAll(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	form := regexp.MustCompile(`(?s)<form[^>]*method="post".*?</form>`).FindString(text)
	if form == "" {
		t.Fatalf("no form on %s: %.300s", page.Request.URL, text)
	}
	for _, input := range hidden.FindAllString(form, -1) {
		fields.Set(attribute("name").FindStringSubmatch(input)[1], html.UnescapeString(attribute("value").FindStringSubmatch(input)[1]))
	}
	action, err := page.Request.URL.Parse(html.UnescapeString(attribute("action").FindStringSubmatch(form)[1]))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := browser.PostForm(action.String(), fields)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// One client's view of a started issuer.
type party struct {
	ctx       context.Context
	transport *http.Transport
	provider  *oidc.Provider
	config    oauth2.Config
}

func newParty(t *testing.T, values ready, clientID string) party {
	pem, err := ioutil.ReadFile(values.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("the CA file holds no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	ctx := oidc.ClientContext(context.Background(), &http.Client{Transport: transport})
	provider, err := oidc.NewProvider(ctx, values.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range values.Clients {
		if client.ClientID == clientID {
			return party{ctx, transport, provider, oauth2.Config{ClientID: client.ClientID, ClientSecret: client.ClientSecret,
				Endpoint: provider.Endpoint(), RedirectURL: client.RedirectURIs[0],
				Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}}
		}
	}
	t.Fatalf("no client %s: %+v", clientID, values)
	return party{}
}

// The code flow with PKCE, as the first of the seeded users.
func (p party) signIn(t *testing.T, values ready) *oauth2.Token {
	alice := values.Users[0]
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	verifier := base64.RawURLEncoding.EncodeToString(random)
	digest := sha256.Sum256([]byte(verifier))
	target := p.config.AuthCodeURL("state-of-go", oidc.Nonce("nonce-of-go"),
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(digest[:])),
		oauth2.SetAuthURLParam("code_challenge_method", "S256"))

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Transport: p.transport, Jar: jar, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(next.URL.String(), p.config.RedirectURL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	page = submit(t, browser, page, url.Values{"login": {alice.Login}, "password": {alice.Password}, "action": {"sign-in"}})
	if page.Header.Get("Location") == "" {
		page = submit(t, browser, page, url.Values{"action": {"allow"}})
	}
	callback, err := url.Parse(page.Header.Get("Location"))
	if err != nil || callback.Query().Get("code") == "" {
		t.Fatalf("no code: %v %v", callback, err)
	}
	if callback.Query().Get("state") != "state-of-go" || callback.Query().Get("iss") != values.Issuer {
		t.Fatalf("state or iss wrong: %s", callback.Query())
	}
	tokens, err := p.config.Exchange(p.ctx, callback.Query().Get("code"), oauth2.SetAuthURLParam("code_verifier", verifier))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// oidc-02; oidc-03; oidc-23: go-oidc verifies the signature, the issuer, the audience and the nonce
func TestCodeFlowSignatureVerifiedUserinfoRefresh(t *testing.T) {
	values := startDev(t)
	alice := values.Users[0]
	if values.Clients[0].ClientID != "web" || alice.Login != "alice" {
		t.Fatalf("unexpected seeds: %+v", values)
	}
	web := newParty(t, values, "web")
	tokens := web.signIn(t, values)
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		t.Fatal("no id_token")
	}
	verified, err := web.provider.Verifier(&oidc.Config{ClientID: web.config.ClientID}).Verify(web.ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	if verified.Nonce != "nonce-of-go" || verified.Subject != alice.Sub {
		t.Fatalf("nonce %q, subject %q", verified.Nonce, verified.Subject)
	}
	if err := verified.VerifyAccessToken(tokens.AccessToken); err != nil {
		t.Fatal("at_hash: ", err)
	}
	info, err := web.provider.UserInfo(web.ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		t.Fatal(err)
	}
	if info.Subject != alice.Sub || info.Email != "alice@example.com" {
		t.Fatalf("userinfo names %q %q", info.Subject, info.Email)
	}
	expired := &oauth2.Token{RefreshToken: tokens.RefreshToken}
	renewed, err := web.config.TokenSource(web.ctx, expired).Token()
	if err != nil {
		t.Fatal(err)
	}
	if renewed.AccessToken == tokens.AccessToken || renewed.RefreshToken == tokens.RefreshToken {
		t.Fatal("the refresh gave the old tokens")
	}
}
