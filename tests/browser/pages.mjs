// Serves the page states that build/dump_pages renders, each at /<state>.<locale>, with their real
// headers, so that a browser judges them as people get them before any server runs. Also starts
// Debian's Chromium with a profile of its own.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const root = resolve(import.meta.dirname, "../..");

/** All page states: {name, locale, heading, status, headers, body, path}, and what they load. */
export function readPages() {
  const build = process.env.CARDEA_BUILD_DIR ?? join(root, "build");
  const text = execFileSync(join(build, "dump_pages"), { maxBuffer: 64 << 20 });
  const { pages, assets } = JSON.parse(text);
  for (const page of pages) page.path = `/${page.name}.${page.locale}`;
  return { pages, assets };
}

/** A server of them on a free loopback port: {origin, close}. A POST is answered by "Received". */
export async function servePages({ pages, assets }) {
  const answers = new Map([...pages, ...assets].map((answer) => [answer.path, answer]));
  const server = createServer((request, response) => {
    const found = answers.get(request.url);
    if (request.method === "POST") {
      let body = "";
      request.on("data", (piece) => { body += piece; });
      request.on("end", () => {
        response.writeHead(200, { "Content-Type": "text/plain" });
        response.end(`Received ${request.url} ${body}`);
      });
    } else if (found) {
      response.writeHead(found.status, found.headers);
      response.end(found.body);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  };
}

/** Keeps pages still that leave by themselves: scripts held back, and apps in frames are empty pages. */
export async function holdStill(tab) {
  for (const script of ["send", "go_on"]) {
    await tab.route(`**/${script}.*.js`,
      (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  }
  await answerForApps(tab);
}

/** The apps of the page states, https://*.example, answer every request with an empty page. */
export async function answerForApps(tab) {
  await tab.route(/^https:\/\/[a-z]+\.example(:\d+)?\//,
    (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>App</title>" }));
}

const launching = (profile, args) => ({
  executablePath: "/usr/bin/chromium",
  args: [`--crash-dumps-dir=${profile}`, "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", ...args],
});

/** Starts Chromium: {context(options), close}. Frames of other sites see no cookies in it. args: more flags. */
export async function startBrowser(args = []) {
  const profile = mkdtempSync(join(tmpdir(), "cardea-chromium-"));
  const browser = await chromium.launch(launching(profile, args));
  return {
    context: (options) => browser.newContext(options),
    close: async () => {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** The same with the setting that frames of other sites see their cookies: {context, close}. */
export async function startOpenBrowser(args, options) {
  const profile = mkdtempSync(join(tmpdir(), "cardea-chromium-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default/Preferences"),
    JSON.stringify({ profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }));
  const context = await chromium.launchPersistentContext(profile,
    { ...launching(profile, args), ...options });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
