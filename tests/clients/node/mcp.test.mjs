// examples/mcp behind `cardea dev`, over real sockets, as an MCP client meets it: it knows the server's address alone,
// finds the issuer, registers itself, signs a person in, and comes back for more scope when the first write is refused
// (MCP Authorization 2025-11-25). The other tests see what the guard and the transport refuse.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { PlainBrowser, startDev } from "./dev_server.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const redirectUri = "http://127.0.0.1/callback";
const page = "https://inspector.example"; // a page that the server lets in
const version = "2025-11-25";
let dev, program, folder, origin, resource;

// {status, headers, text} of one request; the development CA is trusted.
function send(method, url, { headers = {}, body } = {}) {
  const client = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = client.request(url, { method, headers, ca: readFileSync(dev.ready.ca_file) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function json(method, url, options) {
  const answer = await send(method, url, options);
  assert.ok(answer.status < 300, `${url}: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

before(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  resource = `${origin}/mcp`;
  folder = mkdtempSync(path.join(tmpdir(), "cardea-mcp-"));
  const clients = readFileSync(path.join(root, "examples/mcp/clients.toml"), "utf8").replaceAll(":3002", `:${port}`);
  const other = '[[resources]]\nidentifier = "https://other.example"\nscopes = ["notes.read"]\n';
  writeFileSync(path.join(folder, "clients.toml"), clients + other);
  dev = await startDev([
    "--strictness", "strict", "--interaction", "form", "--clients", path.join(folder, "clients.toml"),
  ]);
  const env = { PORT: port, OIDC_ISSUER: dev.ready.issuer, CARDEA_DEMO_CA: dev.ready.ca_file, MCP_ORIGINS: page };
  program = spawn(path.join(root, "build/example_mcp"), [], { env, stdio: ["ignore", "ignore", "pipe"] });
  await new Promise((resolve, reject) => {
    let text = "";
    program.stderr.on("data", (part) => {
      text += part;
      if (text.includes("listening")) resolve();
    });
    program.on("error", reject);
    program.on("exit", (code) => reject(new Error(`example_mcp ended with ${code}: ${text}`)));
  });
});

after(async () => {
  if (program) {
    const ended = new Promise((resolve) => program.on("exit", resolve));
    program.kill("SIGTERM");
    assert.equal(await ended, 0);
  }
  assert.equal(await dev.stop(), 0);
  rmSync(folder, { recursive: true });
});

// One message to the server; message: an object, or the text of the body.
function post(message, token, headers = {}) {
  const body = typeof message === "string" ? message : JSON.stringify({ jsonrpc: "2.0", ...message });
  return send("POST", resource, {
    body,
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": version,
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
}

async function call(token, method, params) {
  const answer = await post({ id: 7, method, params }, token);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers["content-type"], "application/json");
  const message = JSON.parse(answer.text);
  assert.equal(message.id, 7);
  return message;
}

// The parameters of the one challenge of an answer.
function challengeOf(answer) {
  const [, scheme, rest] = /^(\w+) (.*)$/.exec(answer.headers["www-authenticate"]);
  const parameters = [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  return { scheme, ...Object.fromEntries(parameters) };
}

// Registers a public client for the scopes, and gives what obtains its tokens.
async function register(issuer, scope) {
  const client = await json("POST", issuer.registration_endpoint, {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "An MCP client", redirect_uris: [redirectUri], scope, token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"], response_types: ["code"],
    }),
  });
  return { issuer, client, browser: new PlainBrowser(dev.ready.ca_file) };
}

// An access token by a person's approval (PKCE, RFC 8707).
async function authorize({ issuer, client, browser }, scope, forResource = resource) {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(8).toString("hex");
  const url = new URL(issuer.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: "code", client_id: client.client_id, redirect_uri: redirectUri, scope, state, resource: forResource,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256",
  });
  const alice = dev.ready.users.find((user) => user.login === "alice");
  const { searchParams } = new URL(await browser.signIn(url.href, alice));
  assert.equal(searchParams.get("state"), state);
  assert.ok(searchParams.get("code"), searchParams.toString());
  const answer = await json("POST", issuer.token_endpoint, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code", code: searchParams.get("code"), redirect_uri: redirectUri,
      code_verifier: verifier, client_id: client.client_id, resource: forResource,
    }).toString(),
  });
  return answer.access_token;
}

// The issuer, found by what a challenge says.
async function discover(answer) {
  const metadata = await json("GET", challengeOf(answer).resource_metadata);
  assert.equal(metadata.resource, resource);
  return json("GET", `${metadata.authorization_servers[0]}/.well-known/oauth-authorization-server`);
}

// 9728-01; 9728-02; 9728-04; 6750-05; 6750-09; 7591-04: from the server's address alone to a write, by two approvals
test("a client that knows the address alone finds the issuer, reads, and steps up to write", async () => {
  const first = await post({ id: 1, method: "initialize", params: { protocolVersion: version } });
  assert.equal(first.status, 401);
  const { scheme, scope, error, resource_metadata: metadata } = challengeOf(first);
  assert.deepEqual([scheme, scope, error], ["Bearer", "notes.read", undefined]);
  assert.equal(metadata, `${origin}/.well-known/oauth-protected-resource/mcp`);
  // It registers for what the first challenge names, and may ask for the rest of registration.scopes all the same.
  const app = await register(await discover(first), scope);
  assert.ok(app.client.scope.split(" ").includes("notes.write"), app.client.scope);
  const reading = await authorize(app, scope);

  const begun = await call(reading, "initialize", { protocolVersion: version, capabilities: {}, clientInfo: {} });
  assert.equal(begun.result.protocolVersion, version);
  assert.equal((await post({ method: "notifications/initialized" }, reading)).status, 202);
  const { tools } = (await call(reading, "tools/list")).result;
  assert.deepEqual(tools.map((tool) => tool.name), ["list_notes", "add_note"]);
  const before = await call(reading, "tools/call", { name: "list_notes" });
  assert.equal(before.result.content[0].text, "[]");

  const note = { name: "add_note", arguments: { text: "milk" } };
  const refused = await post({ id: 2, method: "tools/call", params: note }, reading);
  assert.equal(refused.status, 403);
  const needed = challengeOf(refused);
  assert.equal(needed.error, "insufficient_scope");
  assert.equal(needed.scope, "notes.read notes.write");
  assert.equal(needed.resource_metadata, metadata);
  assert.equal((await call(reading, "tools/call", { name: "list_notes" })).result.content[0].text, "[]");

  const writing = await authorize(app, needed.scope);
  assert.equal((await call(writing, "tools/call", note)).result.content[0].text, "kept");
  const now = await call(writing, "tools/call", { name: "list_notes", arguments: {} });
  assert.equal(now.result.content[0].text, '["milk"]');
});

// 9068-04: a token of the same issuer and person for another resource is none here
test("a token for another resource is refused, and where to go is said", async () => {
  const app = await register(await discover(await post({ id: 1, method: "ping" })), "notes.read");
  const token = await authorize(app, "notes.read", "https://other.example");
  const refused = await post({ id: 1, method: "ping" }, token);
  assert.equal(refused.status, 401);
  assert.equal(challengeOf(refused).error, "invalid_token");
  assert.equal(challengeOf(refused).resource_metadata, `${origin}/.well-known/oauth-protected-resource/mcp`);
});

// What pages see of an answer.
const seenBy = (answer) => answer.headers["access-control-allow-origin"];

test("pages of other origins are kept out, before their token is looked at", async () => {
  for (const foreign of ["https://evil.example", "null", `${page}.evil.example`, `${page}, ${page}`]) {
    const refused = await post({ id: 1, method: "ping" }, undefined, { origin: foreign });
    assert.equal(refused.status, 403, foreign);
    assert.equal(seenBy(refused), undefined);
    assert.equal("id" in JSON.parse(refused.text), false);
  }
  const admitted = await post({ id: 1, method: "ping" }, undefined, { origin: page });
  assert.equal(admitted.status, 401);
  assert.equal(seenBy(admitted), page);
  assert.equal(admitted.headers["access-control-expose-headers"], "WWW-Authenticate");
  const preflight = await send("OPTIONS", resource, { headers: { origin: page } });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers["access-control-allow-headers"], /MCP-Protocol-Version/);
  const document = await send("GET", `${origin}/.well-known/oauth-protected-resource/mcp`, {
    headers: { origin: "https://evil.example" },
  });
  assert.equal(seenBy(document), "*");
});

test("there is no stream to listen to and no session to end", async () => {
  for (const method of ["GET", "DELETE"]) {
    const refused = await send(method, resource);
    assert.equal(refused.status, 405, method);
    assert.equal(refused.headers.allow, "OPTIONS, POST");
  }
  assert.equal((await send("POST", `${origin}/other`)).status, 404);
});

test("what is no message of a version that is served is refused with its code", async () => {
  const app = await register(await discover(await post({ id: 1, method: "ping" })), "notes.read notes.write");
  const token = await authorize(app, "notes.read notes.write");
  for (const said of ["1900-01-01", "", "2025-11-25, 2025-06-18"]) {
    const refused = await post({ id: 1, method: "ping" }, token, { "mcp-protocol-version": said });
    assert.equal(refused.status, 400, said);
  }
  assert.equal((await post({ id: 1, method: "ping" }, token, { "content-type": "text/plain" })).status, 415);
  for (const [body, code] of [
    ["{", -32700], ["[]", -32600], ['{"id":1,"method":"ping"}', -32600],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600], ['{"jsonrpc":"2.0","id":1}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600], ['{"jsonrpc":"2.0","id":1,"method":7}', -32600],
  ]) {
    const refused = await post(body, token);
    assert.equal(refused.status, 400, body);
    assert.equal(JSON.parse(refused.text).error.code, code, body);
  }
  for (const [method, params, code] of [
    ["resources/list", {}, -32601], ["tools/call", { name: "drop" }, -32602], ["tools/call", {}, -32602],
    ["tools/call", { name: "list_notes", arguments: [] }, -32602], ["initialize", {}, -32602],
  ]) {
    assert.equal((await call(token, method, params)).error.code, code, method);
  }
  for (const given of [{}, { text: "" }, { text: 1 }, { text: "x".repeat(1001) }, { text: "a", more: 1 }]) {
    const { result } = await call(token, "tools/call", { name: "add_note", arguments: given });
    assert.equal(result.isError, true, JSON.stringify(given));
  }
  assert.deepEqual((await call(token, "ping")).result, {});
  const older = await call(token, "initialize", { protocolVersion: "2025-06-18" });
  assert.equal(older.result.protocolVersion, "2025-06-18");
  const unknown = await call(token, "initialize", { protocolVersion: "1900-01-01" });
  assert.equal(unknown.result.protocolVersion, version);
});
