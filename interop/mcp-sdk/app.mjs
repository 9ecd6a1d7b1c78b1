// An MCP client as the SDK's example of OAuth shows it, and the server it talks to (server.mjs). It knows nothing but
// the server's address. CLIENT says how the issuer comes to know it: "registration" (RFC 7591) or "document" (a client
// ID metadata document). With STEPS_UP it has no refresh token, and asks for the scope that writing takes as well.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { answers } from '../frame/web.mjs';
import { makeServer } from './server.mjs';

const { ISSUER, APP_URL, APP_LOOPBACK_URL, PORT, CLIENT, STEPS_UP } = process.env;
const resource = new URL('/mcp', APP_LOOPBACK_URL);
const clientMetadataUrl = `${APP_LOOPBACK_URL}/client.json`;
const hasDocument = CLIENT === 'document';
const stepsUp = STEPS_UP === 'yes';
const clientMetadata = {
  client_name: 'Notes',
  redirect_uris: [`${APP_URL}/callback`],
  grant_types: stepsUp ? ['authorization_code'] : ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: hasDocument ? 'none' : 'client_secret_post',
  scope: 'notes:read notes:write',
};

// What a provider of the SDK keeps for one person: in memory here.
class Provider {
  redirectUrl = `${APP_URL}/callback`;
  clientMetadata = clientMetadata;
  clientMetadataUrl = hasDocument ? clientMetadataUrl : undefined;
  expectedState = crypto.randomUUID();
  state = () => this.expectedState;
  clientInformation = () => this.client;
  saveClientInformation = (client) => { this.client = client; };
  tokens = () => this.kept;
  saveTokens = (tokens) => { this.kept = tokens; };
  redirectToAuthorization = (url) => { this.url = url; };
  saveCodeVerifier = (verifier) => { this.verifier = verifier; };
  codeVerifier = () => this.verifier;
}

let provider, transport, client, isIn;

// Connects anew; gives the address of the issuer where the person is needed first, else nothing.
async function begin(act) {
  transport = new StreamableHTTPClientTransport(resource, { authProvider: provider });
  client = new Client({ name: 'notes', version: '1' });
  try {
    await client.connect(transport);
    await act?.();
    return undefined;
  } catch (error) {
    if (error instanceof UnauthorizedError) return provider.url;
    throw error;
  }
}

async function call(name) {
  const { content, isError } = await client.callTool({ name });
  if (isError) throw new Error(content[0].text);
  return content[0].text;
}

const server = await makeServer(ISSUER, resource, ['localhost', new URL(APP_URL).hostname]);
server.get('/client.json', (_, response) => response.json({ client_id: clientMetadataUrl, ...clientMetadata }));
server.use(answers({
  async '/login'() {
    provider = new Provider();
    return begin();
  },
  async '/callback'({ searchParams }) {
    if (searchParams.get('state') !== provider.expectedState) throw new Error('another state');
    if (!searchParams.has('code')) throw new Error(searchParams.get('error'));
    await transport.finishAuth(searchParams.get('code'));
    const needed = await begin(stepsUp ? () => call('write_note') : undefined);
    isIn = !needed;
    return needed ?? new URL('/', APP_URL);
  },
  async '/'() {
    return isIn ? JSON.parse(await call('who_am_i')) : undefined;
  },
  async '/refresh'() {
    const before = provider.kept.access_token;
    const outcome = await auth(provider, { serverUrl: resource });
    return { refreshed: outcome === 'AUTHORIZED' && provider.kept.access_token !== before };
  },
}));
server.listen(Number(PORT), '127.0.0.1');
