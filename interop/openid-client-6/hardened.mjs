// openid-client 6 with everything that hardens a flow: pushed requests, DPoP, private_key_jwt, signed answers, and with
// SIGNS_REQUESTS signed requests too.
import * as client from 'openid-client';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_KEY, APP_URL, SCOPE, SIGNS_REQUESTS } = process.env;
const jwk = JSON.parse(CLIENT_KEY);
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const authentication = client.PrivateKeyJwt({ key, kid: jwk.kid });
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, authentication);
client.enableNonRepudiationChecks(config);
client.useJwtResponseMode(config);
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
const redirect_uri = `${APP_URL}/callback`;
let pending, tokens;

serve({
  async '/login'() {
    const verifier = client.randomPKCECodeVerifier();
    pending = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
    let request = {
      redirect_uri, scope: SCOPE, state: pending.expectedState, nonce: pending.expectedNonce, prompt: 'consent',
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    };
    if (SIGNS_REQUESTS) {
      request = (await client.buildAuthorizationUrlWithJAR(config, request, { key, kid: jwk.kid })).searchParams;
    }
    return client.buildAuthorizationUrlWithPAR(config, request, { DPoP });
  },
  async '/callback'(url) {
    tokens = await client.authorizationCodeGrant(config, url, pending, undefined, { DPoP });
    return new URL('/', APP_URL);
  },
  async '/'() {
    return tokens && client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  },
  async '/refresh'() {
    const before = tokens.access_token;
    tokens = { ...tokens, ...await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }) };
    return { refreshed: tokens.access_token !== before };
  },
  async '/logout'() {
    const id_token_hint = tokens.id_token;
    tokens = undefined;
    return client.buildEndSessionUrl(config, { id_token_hint, post_logout_redirect_uri: `${APP_URL}/` });
  },
});
