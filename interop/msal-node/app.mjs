// MSAL node, confidential client in OpenID Connect mode with an authority that is not Microsoft's.
import * as msal from '@azure/msal-node';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL } = process.env;
const client = new msal.ConfidentialClientApplication({
  auth: {
    clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, authority: ISSUER, knownAuthorities: [new URL(ISSUER).host],
    protocolMode: msal.ProtocolMode.OIDC,
  },
  system: { protocolMode: msal.ProtocolMode.OIDC },
});
const redirectUri = `${APP_URL}/callback`;
const scopes = ['email'];
const state = 'chosen-by-the-app';
let codes, result;

serve({
  async '/login'() {
    codes = await new msal.CryptoProvider().generatePkceCodes();
    return new URL(await client.getAuthCodeUrl({
      redirectUri, scopes, state, codeChallenge: codes.challenge, codeChallengeMethod: 'S256', prompt: 'consent',
    }));
  },
  async '/callback'(url) {
    const { code, ...rest } = Object.fromEntries(url.searchParams);
    result = await client.acquireTokenByCode({ code, redirectUri, scopes, state, codeVerifier: codes.verifier }, rest);
    return new URL('/', APP_URL);
  },
  '/'() {
    return result && { sub: result.idTokenClaims.sub, name: result.idTokenClaims.name };
  },
  async '/refresh'() {
    const before = result.accessToken;
    result = await client.acquireTokenSilent({ account: result.account, scopes, forceRefresh: true });
    return { refreshed: result.accessToken !== before };
  },
});
