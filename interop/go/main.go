// golang.org/x/oauth2 with coreos/go-oidc, both from Debian: discovery, code flow with PKCE and nonce, the ID token
// verified against the key set, refresh by the token source. The libraries have no sign-out; its URL is put together by
// hand, as Go apps do.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	oidc "github.com/coreos/go-oidc"
	"golang.org/x/oauth2"
)

var (
	ctx      = context.Background()
	appURL   = os.Getenv("APP_URL")
	provider *oidc.Provider
	config   oauth2.Config
	pending  struct{ state, nonce, verifier string }
	signedIn *session
)

type session struct {
	token   *oauth2.Token
	idToken string
	claims  map[string]interface{}
}

func chance() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func login(response http.ResponseWriter, request *http.Request) error {
	pending.state, pending.nonce, pending.verifier = chance(), chance(), chance()
	digest := sha256.Sum256([]byte(pending.verifier))
	http.Redirect(response, request, config.AuthCodeURL(pending.state, oidc.Nonce(pending.nonce),
		oauth2.SetAuthURLParam("prompt", "consent"), oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(digest[:]))), http.StatusFound)
	return nil
}

func callback(response http.ResponseWriter, request *http.Request) error {
	if request.FormValue("state") != pending.state {
		return errors.New("another state")
	}
	token, err := config.Exchange(ctx, request.FormValue("code"), oauth2.SetAuthURLParam("code_verifier", pending.verifier))
	if err != nil {
		return err
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return err
	}
	if verified.Nonce != pending.nonce {
		return errors.New("another nonce")
	}
	if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
		return err
	}
	found := &session{token: token, idToken: raw}
	if err := verified.Claims(&found.claims); err != nil {
		return err
	}
	signedIn = found
	http.Redirect(response, request, "/", http.StatusFound)
	return nil
}

func home(response http.ResponseWriter, request *http.Request) error {
	if signedIn == nil {
		response.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(signedIn.token))
	if err != nil {
		return err
	}
	if info.Subject != signedIn.claims["sub"] {
		return errors.New("userinfo names somebody else")
	}
	return json.NewEncoder(response).Encode(signedIn.claims)
}

func refresh(response http.ResponseWriter, request *http.Request) error {
	renewed, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: signedIn.token.RefreshToken}).Token()
	if err != nil {
		return err
	}
	before := signedIn.token.AccessToken
	signedIn.token = renewed
	return json.NewEncoder(response).Encode(map[string]bool{"refreshed": renewed.AccessToken != before})
}

func logout(response http.ResponseWriter, request *http.Request) error {
	var document struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&document); err != nil {
		return err
	}
	query := url.Values{"id_token_hint": {signedIn.idToken}, "post_logout_redirect_uri": {appURL + "/"}}
	signedIn = nil
	http.Redirect(response, request, document.EndSession+"?"+query.Encode(), http.StatusFound)
	return nil
}

func main() {
	var err error
	if provider, err = oidc.NewProvider(ctx, os.Getenv("ISSUER")); err != nil {
		log.Fatal(err)
	}
	config = oauth2.Config{ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint: provider.Endpoint(), RedirectURL: appURL + "/callback", Scopes: strings.Fields(os.Getenv("SCOPE"))}
	for path, route := range map[string]func(http.ResponseWriter, *http.Request) error{
		"/login": login, "/callback": callback, "/": home, "/refresh": refresh, "/logout": logout} {
		route := route
		http.HandleFunc(path, func(response http.ResponseWriter, request *http.Request) {
			if err := route(response, request); err != nil {
				response.WriteHeader(http.StatusInternalServerError)
				json.NewEncoder(response).Encode(map[string]string{"error": err.Error()})
			}
		})
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
