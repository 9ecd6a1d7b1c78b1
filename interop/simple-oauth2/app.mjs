// simple-oauth2's AuthorizationCode: code, refresh, revocation. It knows no OpenID Connect; the app asks userinfo.
import { AuthorizationCode } from 'simple-oauth2';
import { serve } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, SCOPE } = process.env;
const client = new AuthorizationCode({
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  auth: { tokenHost: ISSUER, tokenPath: '/token', authorizePath: '/authorize', revokePath: '/revoke' },
});
const redirect_uri = `${APP_URL}/callback`;
const state = 'chosen-by-the-app';
let token;

serve({
  '/login'() {
    return new URL(client.authorizeURL({ redirect_uri, scope: SCOPE, state, prompt: 'consent' }));
  },
  async '/callback'(url) {
    if (url.searchParams.get('state') !== state) throw new Error('state');
    token = await client.getToken({ code: url.searchParams.get('code'), redirect_uri });
    return new URL('/', APP_URL);
  },
  async '/'() {
    if (!token) return undefined;
    const authorization = `Bearer ${token.token.access_token}`;
    const answer = await fetch(`${ISSUER}/userinfo`, { headers: { authorization } });
    return answer.json();
  },
  async '/refresh'() {
    const before = token.token.access_token;
    token = await token.refresh();
    return { refreshed: token.token.access_token !== before };
  },
  async '/logout'() {
    await token.revokeAll();
    token = undefined;
    return { signed_in: false };
  },
});
