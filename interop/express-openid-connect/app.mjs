// express-openid-connect: its middleware brings /login, /callback and /logout. RESPONSE_TYPE chooses its default
// (id_token by form_post) or the code flow.
import express from 'express';
import { auth } from 'express-openid-connect';
import { describe } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, PORT, SCOPE, RESPONSE_TYPE } = process.env;
const code = RESPONSE_TYPE === 'code' && {
  clientSecret: CLIENT_SECRET,
  authorizationParams: { response_type: 'code', scope: SCOPE, prompt: 'consent' },
};
const app = express();
app.set('trust proxy', true);
app.use(auth({
  issuerBaseURL: ISSUER, baseURL: APP_URL, clientID: CLIENT_ID, secret: CLIENT_SECRET, authRequired: false,
  idpLogout: true, ...code,
}));

app.get('/', (request, response) => {
  if (!request.oidc.isAuthenticated()) return response.status(401).json({ error: 'nobody is signed in' });
  return response.json(request.oidc.user);
});
app.get('/refresh', async (request, response) => {
  const before = request.oidc.accessToken.access_token;
  const { access_token } = await request.oidc.accessToken.refresh();
  response.json({ refreshed: access_token !== before });
});
// Four parameters tell express that this one is for errors.
app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  return response.status(error.status ?? 500).json(describe(error));
});
app.listen(Number(PORT), '127.0.0.1');
