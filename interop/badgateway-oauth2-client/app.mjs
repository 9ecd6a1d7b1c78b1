// @badgateway/oauth2-client as its README shows it: RFC 8414 discovery, code flow with PKCE, refresh.
import { OAuth2Client, generateCodeVerifier } from '@badgateway/oauth2-client';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, SCOPE } = process.env;
const client = new OAuth2Client({ server: `${ISSUER}/`, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
const redirectUri = `${APP_URL}/callback`;
const state = 'chosen-by-the-app';
let codeVerifier, token;

serve({
  async '/login'() {
    codeVerifier = await generateCodeVerifier();
    return new URL(await client.authorizationCode.getAuthorizeUri({
      redirectUri, state, codeVerifier, scope: SCOPE.split(' '), extraParams: { prompt: 'consent' },
    }));
  },
  async '/callback'(url) {
    token = await client.authorizationCode.getTokenFromCodeRedirect(url.href, { redirectUri, state, codeVerifier });
    return new URL('/', APP_URL);
  },
  async '/'() {
    if (!token) return undefined;
    const answer = await fetch(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${token.accessToken}` } });
    return answer.json();
  },
  async '/refresh'() {
    const before = token.accessToken;
    token = await client.refreshToken(token);
    return { refreshed: token.accessToken !== before };
  },
});
