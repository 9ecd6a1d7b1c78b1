// openid-client 6 as its README shows it: discovery, code flow with PKCE, state and nonce, refresh, sign-out.
import * as client from 'openid-client';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, SCOPE } = process.env;
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET);
if (process.env.VERIFY) client.enableNonRepudiationChecks(config);
const redirect_uri = `${APP_URL}/callback`;
let pending, tokens;

serve({
  async '/login'() {
    const verifier = client.randomPKCECodeVerifier();
    pending = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
    return client.buildAuthorizationUrl(config, {
      redirect_uri, scope: SCOPE, state: pending.expectedState, nonce: pending.expectedNonce, prompt: 'consent',
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    });
  },
  async '/callback'(url) {
    tokens = await client.authorizationCodeGrant(config, url, pending);
    return new URL('/', APP_URL);
  },
  async '/'() {
    return tokens && client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  },
  async '/refresh'() {
    const before = tokens.access_token;
    tokens = { ...tokens, ...await client.refreshTokenGrant(config, tokens.refresh_token) };
    return { refreshed: tokens.access_token !== before };
  },
  async '/logout'() {
    const id_token_hint = tokens.id_token;
    tokens = undefined;
    return client.buildEndSessionUrl(config, { id_token_hint, post_logout_redirect_uri: `${APP_URL}/` });
  },
});
