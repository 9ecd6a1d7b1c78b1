// @auth/core with a provider of type "oidc"; what SvelteKit, Express and Next bindings wrap.
import http from 'node:http';
import { Auth } from '@auth/core';
import { beginSignIn } from '../frame/auth_js.mjs';
import { describe } from '../frame/web.mjs';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP_URL, PORT } = process.env;
const config = {
  secret: CLIENT_SECRET,
  trustHost: true,
  basePath: '/auth',
  providers: [
    { id: 'cardea', name: 'Cardea', type: 'oidc', issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
  ],
  callbacks: {
    jwt: ({ token, profile }) => (profile ? { ...token, sub: profile.sub } : token),
    session: ({ session, token }) => ({ ...session, sub: token.sub }),
  },
  logger: { error: (error) => console.error(describe(error)) },
};

async function toAuth(request, path) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = parts.length > 0 ? Buffer.concat(parts) : undefined;
  return Auth(new Request(new URL(path, APP_URL), { method: request.method, headers: request.headers, body }), config);
}

http.createServer(async (request, response) => {
  if (request.url === '/login') return beginSignIn(`http://127.0.0.1:${PORT}/auth`, 'cardea', response);
  if (request.url === '/') {
    const session = await (await toAuth(request, '/auth/session')).json();
    response.writeHead(session?.sub ? 200 : 401, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(session ? { sub: session.sub, ...session.user } : {}));
  }
  const answer = await toAuth(request, request.url);
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  return response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
}).listen(Number(PORT), '127.0.0.1');
