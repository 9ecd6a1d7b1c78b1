// openid-client 6 against `cardea dev`, given only the ready line: sign-in by the form, code exchange, ID token
// verified by the library, userinfo, refresh, introspection, revocation, sign-out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import https from "node:https";
import { after, before, test } from "node:test";

import * as client from "openid-client";

import { PlainBrowser, startDev } from "./dev_server.mjs";

let dev;
let config;
let browser;
const callback = () => dev.ready.clients.find((c) => c.client_id === "web").redirect_uris[0];
const alice = () => dev.ready.users.find((user) => user.login === "alice");

// A fetch that trusts the dev CA; the library takes any.
function trustingFetch(caFile) {
  const ca = readFileSync(caFile);
  return (url, options) =>
    new Promise((resolve, reject) => {
      const body = options.body === undefined || options.body === null ? undefined : String(options.body);
      const request = https.request(url, { method: options.method, headers: options.headers, ca }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          const text = answer.statusCode === 204 || answer.statusCode === 304 ? null : Buffer.concat(parts);
          const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          resolve(new Response(text, { status: answer.statusCode, headers: fields }));
        });
      });
      request.on("error", reject);
      request.end(body);
    });
}

before(async () => {
  dev = await startDev(["--strictness", "strict", "--interaction", "form"]);
  const web = dev.ready.clients.find((c) => c.client_id === "web");
  config = await client.discovery(new URL(dev.ready.issuer), web.client_id, web.client_secret, undefined, {
    [client.customFetch]: trustingFetch(dev.ready.ca_file),
  });
  client.enableNonRepudiationChecks(config); // verify signatures although TLS would do
  browser = new PlainBrowser(dev.ready.ca_file);
});
after(async () => assert.equal(await dev.stop(), 0));

async function authorize(scope, extra = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback(),
    scope,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...extra,
  });
  const location = await browser.signIn(url.href, alice());
  return client.authorizationCodeGrant(config, new URL(location), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

// oidc-02; oidc-03; oidc-11; 9207-01: a stock client signs alice in and reads her claims
test("code flow with PKCE, nonce and state; ID token and userinfo name alice", async () => {
  const tokens = await authorize("openid profile email");
  const claims = tokens.claims();
  assert.equal(claims.sub, alice().sub);
  assert.equal(claims.email, "alice@example.com");
  assert.equal(claims.email_verified, true);
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(userinfo.name, claims.name);
});

// 6749-21; oidc-15: a refresh rotates, keeps the subject, and the new token works
test("refresh rotates", async () => {
  const first = await authorize("openid email offline_access", { prompt: "consent" });
  assert.ok(first.refresh_token);
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal(second.claims().sub, alice().sub);
  const third = await client.refreshTokenGrant(config, second.refresh_token);
  assert.ok(third.access_token);
  // RT06: a token two generations back ends the family
  await assert.rejects(client.refreshTokenGrant(config, first.refresh_token), { error: "invalid_grant" });
  await assert.rejects(client.refreshTokenGrant(config, third.refresh_token), { error: "invalid_grant" });
});

// 6749-12: a code used twice is refused and what it gave is dead
test("introspection and revocation", async () => {
  const tokens = await authorize("openid");
  const live = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(live.active, true);
  await client.tokenRevocation(config, tokens.access_token);
  const dead = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(dead.active, false);
});

// oidc-05: prompt=none with a session and consent is silent; afterwards sign-out ends it
test("silent sign-in, then sign-out", async () => {
  const tokens = await authorize("openid", { prompt: "none" });
  const url = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: "http://localhost:3000/",
    state: "bye",
  });
  let page = await browser.open(url.href);
  if (!page.location && page.text.includes('value="sign-out"')) {
    page = await browser.submit(page, { action: "sign-out" });
  }
  assert.equal(page.location, "http://localhost:3000/?state=bye");
  const again = await browser.open(
    client.buildAuthorizationUrl(config, {
      redirect_uri: callback(),
      scope: "openid",
      prompt: "none",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    }).href,
  );
  assert.match(again.location, /error=login_required/);
});

// 6749-23: client credentials give no refresh token and no ID token
test("client credentials", async () => {
  const tokens = await client.clientCredentialsGrant(config, {});
  assert.ok(tokens.access_token);
  assert.equal(tokens.refresh_token, undefined);
  assert.equal(tokens.id_token, undefined);
});
