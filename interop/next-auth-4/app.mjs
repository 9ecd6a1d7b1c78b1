// next-auth 4 through its handler for Next's API routes: what pages/api/auth/[...nextauth].js exports. The few members
// of Next's request and response that the handler uses are filled in here.
import http from 'node:http';
import { createRequire } from 'node:module';
import { beginSignIn } from '../frame/auth_js.mjs';

const { default: NextAuth, getServerSession } = createRequire(import.meta.url)('next-auth/next');
const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, PORT, CHECKS } = process.env;
process.env.NEXTAUTH_URL = APP_URL;
const provider = {
  id: 'cardea', name: 'Cardea', type: 'oauth', wellKnown: `${ISSUER}/.well-known/openid-configuration`, idToken: true,
  clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, authorization: { params: { scope: 'openid profile email' } },
  profile: ({ sub, name, email }) => ({ id: sub, name, email }),
};
if (CHECKS) provider.checks = CHECKS.split(',');
const options = {
  secret: CLIENT_SECRET,
  providers: [provider],
  callbacks: { session: ({ session, token }) => ({ ...session, sub: token.sub }) },
};

async function fillIn(request, response) {
  const url = new URL(request.url, APP_URL);
  const parts = [];
  for await (const part of request) parts.push(part);
  request.body = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
  request.query = { ...Object.fromEntries(url.searchParams), nextauth: url.pathname.split('/').slice(3) };
  request.cookies = Object.fromEntries((request.headers.cookie ?? '').split('; ').filter(Boolean)
    .map((pair) => [pair.slice(0, pair.indexOf('=')), decodeURIComponent(pair.slice(pair.indexOf('=') + 1))]));
  response.status = (code) => Object.assign(response, { statusCode: code });
  response.json = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  response.send = (body) => (typeof body === 'object' ? response.json(body) : response.end(body));
}

http.createServer(async (request, response) => {
  if (request.url === '/login') return beginSignIn(`http://127.0.0.1:${PORT}/api/auth`, 'cardea', response);
  await fillIn(request, response);
  if (request.url !== '/') return NextAuth(request, response, options);
  const session = await getServerSession(request, response, options);
  return response.status(session ? 200 : 401).json({ sub: session?.sub, ...session?.user });
}).listen(Number(PORT), '127.0.0.1');
