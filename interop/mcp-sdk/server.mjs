// The MCP server: the SDK's own resource-server half, with tokens judged by the issuer's published keys. Reading takes
// one scope; the tool that writes takes a second one, which the client learns from the refusal (403, RFC 6750 3.1).
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import {
  getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter,
} from '@modelcontextprotocol/sdk/server/auth/router.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';

// An Express app that answers at the path of resource (a URL), for whom issuer gives tokens; hosts are its names.
export async function makeServer(issuer, resource, hosts) {
  const oauthMetadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json();
  const keys = createRemoteJWKSet(new URL(oauthMetadata.jwks_uri));
  const expected = { issuer, audience: resource.href, typ: 'at+jwt' };

  async function verifyAccessToken(token) {
    try {
      const { payload } = await jwtVerify(token, keys, expected);
      const { client_id: clientId, scope = '', exp: expiresAt, sub } = payload;
      return { token, clientId, scopes: scope.split(' '), expiresAt, resource, extra: { sub } };
    } catch (error) {
      throw new InvalidTokenError(error.message);
    }
  }

  const guard = (...requiredScopes) => requireBearerAuth({
    verifier: { verifyAccessToken }, requiredScopes, expectedResource: resource,
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resource),
  });
  const reads = guard('notes:read');
  const writes = guard('notes:read', 'notes:write');
  const app = createMcpExpressApp({ allowedHosts: hosts });
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: resource }));
  app.post(resource.pathname, (request, response, next) => {
    const isWrite = request.body?.method === 'tools/call' && request.body.params.name === 'write_note';
    return (isWrite ? writes : reads)(request, response, next);
  }, answer);
  app.get(resource.pathname, reads, (_, response) => response.status(405).end());
  return app;
}

async function answer(request, response) {
  const server = new McpServer({ name: 'notes', version: '1' });
  server.registerTool('who_am_i', { description: 'Whose notes these are' },
    ({ authInfo }) => ({ content: [{ type: 'text', text: JSON.stringify(authInfo.extra) }] }));
  server.registerTool('write_note', { description: 'Keeps a note' },
    () => ({ content: [{ type: 'text', text: 'kept' }] }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.on('close', () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
}
