// The session frame (OIDC Session Management 3.2) in Debian's Chromium, as apps of other sites meet it: what it answers
// to the page that holds it, before and after a sign-out, and what it does with messages of anybody else, of any shape
// and in any number (security corpus G11, the class of CVE-2024-1249).
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { startBrowser, startOpenBrowser } from "./pages.mjs";

const root = resolve(import.meta.dirname, "../..");
const cardea = process.env.CARDEA_BINARY ?? join(root, "build/cardea");
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));
const folder = mkdtempSync(join(tmpdir(), "cardea-session-"));
const password = randomBytes(12).toString("hex");
const app = "https://app.test";
const answersPerSecondMax = 20; // web/scripts/check_session.js
const kinds = { // of browsers: what frames of other sites see of their cookies
  open: startOpenBrowser,
  strict: async (args, options) => {
    const started = await startBrowser(args);
    return { context: await started.context(options), close: started.close };
  },
};
const running = [];
let issuer;
let server;
let sites;

async function freePort() {
  const probe = createServer();
  await new Promise((done) => { probe.listen(0, "127.0.0.1", done); });
  const { port } = probe.address();
  await new Promise((done) => { probe.close(done); });
  return port;
}

before(async () => {
  issuer = `https://localhost:${await freePort()}`;
  const config = join(folder, "cardea.toml");
  mkdirSync(join(folder, "data"), { mode: 0o700 });
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-keyout", join(folder, "tls.key"), "-out", join(folder, "tls.pem"), "-days", "2", "-subj", "/CN=localhost"],
  { stdio: "ignore" });
  writeFileSync(config, `issuer = "${issuer}"
listen = ["127.0.0.1:${new URL(issuer).port}"]
[tls]
certificate = "${folder}/tls.pem"
key = "${folder}/tls.key"
[management]
listen = ""
[store]
url = "sqlite://${folder}/data/cardea.db"
[sign_in]
session_management = true
session_cookie_same_site = "none"
[[clients]]
client_id = "app"
token_endpoint_auth_method = "none"
redirect_uris = ["${app}/cb"]
scope = "openid"
[[users]]
login = "alice"
password = "${password}"
`);
  chmodSync(config, 0o600);
  server = spawn(cardea, ["serve", "--config", config], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  await new Promise((done, failed) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.on("data", (bytes) => {
        output += bytes;
        if (output.includes("server.listening")) done();
      });
    }
    server.on("close", () => failed(new Error(output)));
  });
  sites = createHttpsServer({ key: readFileSync(join(folder, "tls.key")), cert: readFileSync(join(folder, "tls.pem")) },
    (request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end(appPage(new URL(request.url, app)));
    });
  await new Promise((done) => { sites.listen(0, "127.0.0.1", done); });
});
afterEach(() => Promise.all(running.splice(0).map((browser) => browser.close())));
after(async () => {
  sites?.close();
  if (server) {
    await new Promise((done) => {
      server.on("close", done);
      server.kill("SIGTERM");
    });
  }
  rmSync(folder, { recursive: true, force: true });
});

// What every site but the issuer shows: a page that notes what it hears. /rp holds the issuer's frame, /rp?with=URL a
// second frame beside it.
function appPage(url) {
  const held = url.pathname === "/rp" ? [`${issuer}/check_session`, url.searchParams.get("with")] : [];
  const frames = held.filter(Boolean).map((address) => `<iframe src="${address}"></iframe>`).join("");
  return `<!doctype html><title>app</title><script>
    globalThis.heard = [];
    addEventListener("message", (event) => heard.push({ data: event.data, origin: event.origin }));
  </script>${frames}`;
}

/** A tab of a browser of its own. `asked`: the issuer's paths that it asked for. */
async function openTab(kind = "open") {
  const browser = await kinds[kind]([`--host-resolver-rules=MAP *.test 127.0.0.1:${sites.address().port}`],
    { ignoreHTTPSErrors: true });
  running.push(browser);
  const { context } = browser;
  const tab = await context.newPage();
  tab.asked = [];
  tab.problems = [];
  tab.on("pageerror", (error) => tab.problems.push(error.message));
  tab.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin === issuer) tab.asked.push(url.pathname);
  });
  return tab;
}

/** What the app is told at its redirect URI. */
async function authorize(tab, parameters = {}) {
  const query = new URLSearchParams({
    response_type: "code", scope: "openid", redirect_uri: `${app}/cb`, code_challenge_method: "S256", client_id: "app",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", ...parameters });
  await tab.goto(`${issuer}/authorize?${query}`);
  if (new URL(tab.url()).origin === issuer) {
    await tab.fill("input[name=login]", "alice");
    await tab.fill("input[name=password]", password);
    await tab.click("#sign-in");
    await tab.waitForURL((url) => url.origin === app || url.pathname.endsWith("/consent"));
    if (new URL(tab.url()).origin === issuer) await tab.click("#allow");
    await tab.waitForURL(`${app}/cb?*`);
  }
  return new URL(tab.url()).searchParams;
}

/** The window that a message comes from: the page itself, or the frame beside the issuer's. */
function sender(tab, from) {
  return from === "page" ? tab.mainFrame() : tab.frames().find((frame) => frame.parentFrame() && frame.url() === from);
}

/** Posts `count` messages to the frame; gives what is answered until a while after the last answer. */
async function post(tab, message, { from = "page", count = 1 } = {}) {
  return sender(tab, from).evaluate(async ([what, times]) => {
    const heard = globalThis.heard;
    heard.length = 0;
    const frame = (window === window.parent ? window : window.parent).frames[0];
    for (let i = 0; i < times; i += 1) frame.postMessage(what, "*");
    for (let before = -1, quiet = 0; quiet < 5; before = heard.length) {
      await new Promise((done) => { setTimeout(done, 50); });
      quiet = heard.length === before ? quiet + 1 : 0;
    }
    return heard.slice();
  }, [message, count]);
}

const answers = async (...words) => (await post(...words)).map((answer) => answer.data);

/** The app's page with the issuer's frame, ready. */
async function openApp(tab, { site = app, beside } = {}) {
  await tab.goto(`${site}/rp${beside ? `?with=${encodeURIComponent(beside)}` : ""}`);
  await tab.waitForLoadState("load");
}

// oidc-32; oidc-34: what the app hears while nothing changes, and after a sign-out
test("unchanged until the person signs out, then changed", async () => {
  const tab = await openTab();
  const state = (await authorize(tab)).get("session_state");
  await openApp(tab);
  assert.deepEqual(await post(tab, `app ${state}`), [{ data: "unchanged", origin: issuer }]);
  assert.deepEqual(await answers(tab, `app ${state}`), ["unchanged"]);

  const elsewhere = await tab.context().newPage();
  await elsewhere.goto(`${issuer}/account`);
  await elsewhere.click("#sign-out");
  await elsewhere.waitForURL(`${issuer}/account/signed-out`);
  assert.deepEqual(await answers(tab, `app ${state}`), ["changed"]);

  // What the app does then (3.1): it asks again, and is told of the state in the refusal.
  const refusal = await authorize(tab, { prompt: "none" });
  assert.equal(refusal.get("error"), "login_required");
  await openApp(tab);
  assert.deepEqual(await answers(tab, `app ${refusal.get("session_state")}`), ["unchanged"]);
  await authorize(tab);
  await openApp(tab);
  assert.deepEqual(await answers(tab, `app ${refusal.get("session_state")}`), ["changed"]);
  assert.deepEqual(tab.problems, []);
});

// oidc-32: the state is the app's own; another site and another client learn nothing by it
test("the state of one app tells another site and another client nothing", async () => {
  const tab = await openTab();
  const state = (await authorize(tab)).get("session_state");
  await openApp(tab, { site: "https://evil.test" });
  assert.deepEqual(await answers(tab, `app ${state}`), ["changed"]);
  await openApp(tab);
  assert.deepEqual(await answers(tab, `other ${state}`), ["changed"]);
});

// oidc-32; G11: only the page that holds the frame is answered, and frames of its own origin
test("a frame of another site beside it is not answered, one of the app is", async () => {
  const tab = await openTab();
  const state = (await authorize(tab)).get("session_state");
  const foreign = "https://evil.test/beside";
  await openApp(tab, { beside: foreign });
  assert.deepEqual(await answers(tab, `app ${state}`, { from: foreign }), []);
  assert.deepEqual(await answers(tab, "nonsense", { from: foreign }), []);
  // A flood of it does not take the app's turn.
  assert.deepEqual(await answers(tab, "x", { from: foreign, count: 1000 }), []);
  assert.deepEqual(await answers(tab, `app ${state}`), ["unchanged"]);
  const own = `${app}/beside`;
  await openApp(tab, { beside: own });
  assert.deepEqual(await answers(tab, `app ${state}`, { from: own }), ["unchanged"]);
});

// oidc-32: no page holds it, so nobody is answered
test("opened as a page of its own it answers nobody", async () => {
  const tab = await openTab();
  const state = (await authorize(tab)).get("session_state");
  await tab.goto(`${issuer}/check_session`);
  const heard = await tab.evaluate(async (message) => {
    const found = [];
    addEventListener("message", (event) => found.push(event.data));
    window.postMessage(message, "*");
    await new Promise((done) => { setTimeout(done, 200); });
    return found;
  }, `app ${state}`);
  assert.deepEqual(heard, [`app ${state}`]);
});

// oidc-32; G11: whatever is posted, the answer is one of three words
test("what is no message of an app is answered by error", async () => {
  const tab = await openTab();
  const state = (await authorize(tab)).get("session_state");
  await openApp(tab);
  for (const message of ["", " ", "app", "app ", ` ${state}`, `app ${state} `, `app\n${state}`, `\u00e4pp ${state}`,
    null, 42, { toString: "app x" }, ["app", state], `app ${"x".repeat(2048)}`]) {
    assert.deepEqual(await answers(tab, message), ["error"], JSON.stringify(message));
    await tab.waitForTimeout(100); // below the limit of the next test
  }
  for (const other of ["x", `${state}x`, state.split(".")[0], "..", state.toUpperCase()]) {
    assert.deepEqual(await answers(tab, `app ${other}`), ["changed"], other);
    await tab.waitForTimeout(100);
  }
  assert.deepEqual(tab.problems, []);
});

// G11: a flood costs nobody anything: few answers, and the issuer is asked nothing
test("a flood of messages gets a few answers, and the issuer hears of none", async () => {
  const tab = await openTab();
  const state = (await authorize(tab)).get("session_state");
  await openApp(tab);
  assert.deepEqual(await answers(tab, `app ${state}`), ["unchanged"]);
  tab.asked.length = 0;
  const heard = await answers(tab, `app ${state}`, { count: 5000 });
  assert.ok(heard.length > 0 && heard.length <= 2 * answersPerSecondMax, `${heard.length} answers`);
  assert.deepEqual(tab.asked, []);
  await tab.waitForTimeout(1100);
  assert.deepEqual(await answers(tab, `app ${state}`), ["unchanged"]);
});

// oidc-34: a browser that hides the cookie from frames of other sites signs nobody out
test("where the browser hides the cookie there is no answer but error", async () => {
  const tab = await openTab("strict");
  const state = (await authorize(tab)).get("session_state");
  const cookies = await tab.context().cookies(issuer);
  const [own] = cookies.filter((cookie) => cookie.name.startsWith("__Host-cardea-state-"));
  assert.equal(own.httpOnly, false);
  assert.ok(cookies.filter((cookie) => cookie !== own).every((cookie) => cookie.httpOnly));
  await openApp(tab);
  assert.deepEqual(await answers(tab, `app ${state}`), ["error"]);
});

// oidc-32: the three words come of a digest; ours is the standard's, at every length of its last block
test("the script's SHA-256 is that of FIPS 180-4", async () => {
  const tab = await openTab();
  await openApp(tab);
  const frame = tab.frames().find((each) => each.url() === `${issuer}/check_session`);
  const wrong = await frame.evaluate(async () => {
    const found = [];
    for (let length = 0; length < 200; length += 1) {
      const text = Array.from({ length }, (_, i) => String.fromCharCode(32 + ((i * 7 + length) % 95))).join("");
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      const expected = btoa(String.fromCharCode(...new Uint8Array(digest)));
      const ours = sha256(text).replace(/-/g, "+").replace(/_/g, "/");
      if (`${ours}=` !== expected) found.push(length);
    }
    return found;
  });
  assert.deepEqual(wrong, []);
});
