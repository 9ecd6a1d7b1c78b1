// Markup in whatever a request, an app's name or a person's name holds, in Debian's Chromium
// against `cardea serve` and `cardea dev`: no script runs, the policy has nothing to report, and
// what comes back to the app is what was sent. Security corpus G01, A10, K04.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { startBrowser } from "./pages.mjs";

const root = resolve(import.meta.dirname, "../..");
const cardea = process.env.CARDEA_BINARY ?? join(root, "build/cardea");
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));
const folder = mkdtempSync(join(tmpdir(), "cardea-markup-"));
const password = randomBytes(12).toString("hex");
const markup = [
  `"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`,
  `</title></textarea></button><iframe srcdoc="<script>parent.alert(1)</script>">`,
  `" autofocus onfocus=alert(1) x="`, `javascript:alert(1)`, `<base href=//evil.test/>`,
  `<meta http-equiv=refresh content="0;url=//evil.test">`, `<form action=//evil.test>`,
];
// All at once, in both orders, so that none hides behind what another opened.
const values = [markup.join(" "), markup.toReversed().join(" ")];
const names = markup.slice(0, 4).join(" "); // what a name may hold: 200 bytes
const running = [];
let browser;
let issuer;
let developer;

async function freePort() {
  const probe = createServer();
  await new Promise((done) => { probe.listen(0, "127.0.0.1", done); });
  const { port } = probe.address();
  await new Promise((done) => { probe.close(done); });
  return port;
}

/** Starts the program and waits for the words that say that it listens. */
async function start(words, sign) {
  const child = spawn(cardea, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let output = "";
  await new Promise((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes) => {
        output += bytes;
        if (output.includes(sign)) done();
      });
    }
    child.on("close", () => failed(new Error(output)));
  });
}

before(async () => {
  const [port, devPort] = [await freePort(), await freePort()];
  issuer = `http://localhost:${port}`;
  developer = `http://localhost:${devPort}`;
  const config = join(folder, "cardea.toml");
  mkdirSync(join(folder, "data"), { mode: 0o700 });
  writeFileSync(config, `issuer = "${issuer}"
listen = ["127.0.0.1:${port}"]
[management]
listen = ""
[store]
url = "sqlite://${folder}/data/cardea.db"
[[clients]]
client_id = "app"
client_name = ${JSON.stringify(names)}
token_endpoint_auth_method = "none"
redirect_uris = ["https://app.test/cb"]
scope = "openid profile"
[[users]]
login = "alice"
password = "${password}"
claims = { name = ${JSON.stringify(names)} }
`);
  chmodSync(config, 0o600);
  await start(["serve", "--config", config], "server.listening");
  await start(["dev", "--http", "--port", String(devPort), "--state", join(folder, "dev"),
    "--home", join(folder, "home")], developer);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await Promise.all(running.map((child) => new Promise((done) => {
    child.on("close", done);
    child.kill("SIGTERM");
  })));
  rmSync(folder, { recursive: true, force: true });
});

/** A tab that notes dialogs, complaints of the policy, and whatever leaves for another host. */
async function openTab() {
  const context = await browser.context();
  const tab = await context.newPage();
  tab.found = [];
  tab.received = [];
  tab.on("dialog", (dialog) => {
    tab.found.push(`dialog ${dialog.message()}`);
    dialog.dismiss();
  });
  tab.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) tab.found.push(message.text());
  });
  await tab.route((url) => url.hostname !== "localhost", (route) => {
    const request = route.request();
    if (new URL(request.url()).hostname === "app.test") tab.received.push(request.postData());
    else tab.found.push(`asked ${request.url()}`);
    route.fulfill({ contentType: "text/html", body: "<p>received" });
  });
  return tab;
}

/** /authorize with a PKCE challenge and the given parameters. */
function authorize(origin, parameters) {
  const query = new URLSearchParams({
    response_type: "code", scope: "openid profile", redirect_uri: "https://app.test/cb",
    code_challenge_method: "S256", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    client_id: "app", ...parameters });
  return `${origin}/authorize?${query}`;
}

async function signIn(tab, login, secret) {
  await tab.fill("input[name=login]", login);
  await tab.fill("input[name=password]", secret);
  await tab.click("#sign-in");
}

test("a browser runs markup that is let through, so the tab would notice", async () => {
  const tab = await openTab();
  await tab.setContent(`<p>${markup[1]}</p>`);
  await tab.waitForFunction(() => document.images.length === 1 && document.images[0].complete);
  assert.deepEqual(tab.found.filter((text) => text.startsWith("dialog")), ["dialog 1"]);
  await tab.context().close();
});

// A10; G01; 6749-16: through sign-in, approval and the form that goes to the app
test("state comes back as it was, and no page on the way runs it", async () => {
  for (const value of values) {
    const tab = await openTab();
    await tab.goto(authorize(issuer, {
      state: value, nonce: value, login_hint: value.slice(0, 300), ui_locales: value, response_mode: "form_post",
      prompt: "login consent" }));
    assert.equal(await tab.inputValue("input[name=login]"), value.slice(0, 300));
    await signIn(tab, value, "a wrong guess");
    await tab.waitForSelector("#problem");
    assert.equal(await tab.inputValue("input[name=login]"), value.slice(0, 320));
    await signIn(tab, "alice", password);
    await tab.waitForSelector("#allow");
    assert.ok((await tab.innerText("main")).includes(markup[0]));
    await tab.click("#allow");
    await tab.waitForURL("https://app.test/cb");
    assert.equal(new URLSearchParams(tab.received[0]).get("state"), value);
    await tab.goto(`${issuer}/account`);
    assert.ok((await tab.innerText("main")).includes(markup[0]));
    await tab.goto(`${issuer}/logout?${new URLSearchParams({ client_id: "app", state: value })}`);
    await tab.waitForSelector("#sign-out");
    assert.deepEqual(tab.found, []);
    await tab.context().close();
  }
});

// G01: pages that refuse
test("refusals show markup as text or not at all", async () => {
  const tab = await openTab();
  for (const value of values) {
    const quoted = encodeURIComponent(value);
    for (const address of [authorize(issuer, { client_id: value }),
      authorize(issuer, { redirect_uri: value }), `${issuer}/link/${quoted}`,
      `${issuer}/interaction/${quoted}/sign-in`, `${issuer}/account/${quoted}`,
      `${issuer}/account?done=${quoted}`, `${issuer}/logout?id_token_hint=${quoted}`,
      `${issuer}/authorize?error_hint=${quoted}&${quoted}=${quoted}`]) {
      await tab.goto(address);
      assert.equal(new URL(tab.url()).origin, issuer);
    }
  }
  assert.deepEqual(tab.found, []);
  await tab.context().close();
});

// K04: what a developer is told, and the inspector
test("development pages and the inspector show markup as text", async () => {
  const tab = await openTab();
  for (const value of values) {
    await tab.goto(authorize(developer, { client_id: value, redirect_uri: value, state: value }));
    assert.equal(new URL(tab.url()).origin, developer);
  }
  await tab.goto(`${developer}/_dev`);
  assert.ok((await tab.content()).includes("&lt;script&gt;alert(1)"));
  assert.deepEqual(tab.found, []);
  await tab.context().close();
});
