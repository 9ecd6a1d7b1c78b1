// oauth4webapi as its examples show it: code flow with PKCE and nonce, Basic, signature verified, refresh.
import * as oauth from 'oauth4webapi';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, SCOPE } = process.env;
const issuer = new URL(ISSUER);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: CLIENT_ID };
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);
const redirect_uri = `${APP_URL}/callback`;
let pending, tokens, sub;

serve({
  async '/login'() {
    pending = {
      verifier: oauth.generateRandomCodeVerifier(),
      nonce: oauth.generateRandomNonce(),
      state: oauth.generateRandomState(),
    };
    const url = new URL(as.authorization_endpoint);
    const parameters = {
      client_id: CLIENT_ID, redirect_uri, response_type: 'code', scope: SCOPE, state: pending.state,
      nonce: pending.nonce, code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256', prompt: 'consent',
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  },
  async '/callback'(url) {
    const parameters = oauth.validateAuthResponse(as, client, url, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      as, client, authentication, parameters, redirect_uri, pending.verifier);
    tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
      expectedNonce: pending.nonce, requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(as, response);
    sub = oauth.getValidatedIdTokenClaims(tokens).sub;
    return new URL('/', APP_URL);
  },
  async '/'() {
    if (!sub) return undefined;
    return oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, tokens.access_token));
  },
  async '/refresh'() {
    const before = tokens.access_token;
    const response = await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token);
    tokens = await oauth.processRefreshTokenResponse(as, client, response);
    return { refreshed: tokens.access_token !== before };
  },
});
