// @hono/oidc-auth as its README shows it. It refreshes by itself when its interval is over: at once, in this run.
import { serve } from '@hono/node-server';
import {
  getAuth, initOidcAuthMiddleware, oidcAuthMiddleware, processOAuthCallback, revokeSession,
} from '@hono/oidc-auth';
import { Hono } from 'hono';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, PORT, SCOPE } = process.env;
const app = new Hono();
app.onError((error, context) => context.json({ error: error.message }, 500));
app.use(initOidcAuthMiddleware({
  OIDC_AUTH_SECRET: CLIENT_SECRET, OIDC_ISSUER: ISSUER, OIDC_CLIENT_ID: CLIENT_ID, OIDC_CLIENT_SECRET: CLIENT_SECRET,
  OIDC_REDIRECT_URI: `${APP_URL}/callback`, OIDC_AUTH_EXTERNAL_URL: APP_URL, OIDC_SCOPES: SCOPE,
  OIDC_AUTH_REFRESH_INTERVAL: '-1',
}));
app.get('/callback', (context) => processOAuthCallback(context));
app.get('/', async (context) => {
  const found = await getAuth(context);
  return found ? context.json({ sub: found.sub, email: found.email }) : context.json({}, 401);
});
app.get('/logout', async (context) => {
  await revokeSession(context);
  return context.json({ signed_in: false });
});
app.use('*', oidcAuthMiddleware());
app.get('/login', (context) => context.redirect('/'));
app.get('/refresh', async (context) => context.json({ refreshed: (await getAuth(context)) !== null }));
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
