// oauth4webapi under the FAPI 2.0 Security Profile, as its own example shows it: pushed requests, private_key_jwt and
// DPoP; PKCE instead of state.
import * as oauth from 'oauth4webapi';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_KEY, APP_URL, SCOPE } = process.env;
const issuer = new URL(ISSUER);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const jwk = JSON.parse(CLIENT_KEY);
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const client = { client_id: CLIENT_ID };
const authentication = oauth.PrivateKeyJwt({ key, kid: jwk.kid });
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
const redirect_uri = `${APP_URL}/callback`;
let pending, tokens, sub;

// Sends the request once more where the server asks for a nonce in the proof (RFC 9449 8).
async function withNonce(send) {
  try {
    return await send();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return send();
  }
}

serve({
  async '/login'() {
    pending = { verifier: oauth.generateRandomCodeVerifier(), nonce: oauth.generateRandomNonce() };
    const parameters = new URLSearchParams({
      client_id: CLIENT_ID, redirect_uri, response_type: 'code', scope: SCOPE, nonce: pending.nonce, prompt: 'consent',
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier), code_challenge_method: 'S256',
    });
    const { request_uri } = await withNonce(async () => oauth.processPushedAuthorizationResponse(
      as, client, await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, { DPoP })));
    const url = new URL(as.authorization_endpoint);
    url.searchParams.set('client_id', CLIENT_ID);
    url.searchParams.set('request_uri', request_uri);
    return url;
  },
  async '/callback'(url) {
    const parameters = oauth.validateAuthResponse(as, client, url, oauth.expectNoState);
    const { response, result } = await withNonce(async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        as, client, authentication, parameters, redirect_uri, pending.verifier, { DPoP });
      const result = await oauth.processAuthorizationCodeResponse(as, client, response, {
        expectedNonce: pending.nonce, requireIdToken: true,
      });
      return { response, result };
    });
    await oauth.validateApplicationLevelSignature(as, response);
    tokens = result;
    sub = oauth.getValidatedIdTokenClaims(tokens).sub;
    return new URL('/', APP_URL);
  },
  async '/'() {
    if (!sub) return undefined;
    return withNonce(async () => oauth.processUserInfoResponse(
      as, client, sub, await oauth.userInfoRequest(as, client, tokens.access_token, { DPoP })));
  },
  async '/refresh'() {
    const before = tokens;
    const renewed = await withNonce(async () => oauth.processRefreshTokenResponse(
      as, client, await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token, { DPoP })));
    tokens = { ...before, ...renewed };
    return { refreshed: tokens.access_token !== before.access_token };
  },
});
