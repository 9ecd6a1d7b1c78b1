// openid-client 5 as its README shows it: Issuer.discover, code flow with PKCE, state and nonce, refresh, sign-out.
import { Issuer, generators } from 'openid-client';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, SCOPE } = process.env;
const redirect_uri = `${APP_URL}/callback`;
const issuer = await Issuer.discover(ISSUER);
const client = new issuer.Client({
  client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirect_uri], response_types: ['code'],
});
let checks, tokens;

serve({
  '/login'() {
    checks = { code_verifier: generators.codeVerifier(), state: generators.state(), nonce: generators.nonce() };
    return new URL(client.authorizationUrl({
      scope: SCOPE, state: checks.state, nonce: checks.nonce, prompt: 'consent',
      code_challenge: generators.codeChallenge(checks.code_verifier), code_challenge_method: 'S256',
    }));
  },
  async '/callback'(url, body, request) {
    tokens = await client.callback(redirect_uri, client.callbackParams(request), checks);
    return new URL('/', APP_URL);
  },
  '/'() {
    return tokens && client.userinfo(tokens);
  },
  async '/refresh'() {
    const before = tokens.access_token;
    tokens = await client.refresh(tokens.refresh_token);
    return { refreshed: tokens.access_token !== before };
  },
  '/logout'() {
    const id_token_hint = tokens.id_token;
    tokens = undefined;
    return new URL(client.endSessionUrl({ id_token_hint, post_logout_redirect_uri: `${APP_URL}/` }));
  },
});
