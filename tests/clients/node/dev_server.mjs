// Starts `build/cardea dev` for a test with nothing but its ready line, and speaks HTTP to it with cookies and the CA,
// as a program that was given only those values would.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

// options: further arguments of `cardea dev`. Resolves to {ready, stop, home}.
export async function startDev(options = []) {
  const home = mkdtempSync(path.join(tmpdir(), "cardea-dev-"));
  const child = spawn(
    path.join(root, "build/cardea"),
    ["dev", "--json", "--port", "0", "--state", "memory", "--home", home, ...options],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let errors = "";
  child.stderr.on("data", (part) => (errors += part));
  const line = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.on("exit", (code) => reject(new Error(`cardea dev ended with ${code}: ${errors}`)));
  });
  return {
    ready: JSON.parse(line),
    home,
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners("exit");
        child.on("exit", (code) => {
          rmSync(home, { recursive: true, force: true });
          resolve(code);
        });
        child.kill("SIGTERM");
      }),
  };
}

// A plain HTTP client with a cookie jar: no redirects followed by itself, no JavaScript.
export class PlainBrowser {
  constructor(caFile) {
    this.ca = readFileSync(caFile);
    this.cookies = new Map();
  }

  request(method, url, form) {
    const target = new URL(url);
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const headers = { accept: "text/html" };
    if (this.cookies.size > 0) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    }
    if (body !== undefined) {
      headers["content-type"] = "application/x-www-form-urlencoded";
      headers["content-length"] = Buffer.byteLength(body);
      headers.origin = target.origin;
    }
    return new Promise((resolve, reject) => {
      const outgoing = https.request(target, { method, headers, ca: this.ca }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => (text += part));
        answer.on("end", () => {
          for (const line of answer.headers["set-cookie"] ?? []) {
            const [pair] = line.split(";");
            const equals = pair.indexOf("=");
            this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
          }
          const location = answer.headers.location && new URL(answer.headers.location, target).href;
          resolve({ status: answer.statusCode, headers: answer.headers, text, location, url });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  // Follows redirects as long as they stay with the issuer; gives the page or the redirect that leaves.
  async open(url) {
    const origin = new URL(url).origin;
    let answer = await this.request("GET", url);
    while (answer.location && new URL(answer.location).origin === origin) {
      answer = await this.request("GET", answer.location);
    }
    return answer;
  }

  // Posts the first form of a page with its hidden fields and the given ones.
  async submit(page, fields) {
    const form = /<form[^>]*method="post"[^>]*>([\s\S]*?)<\/form>/i.exec(page.text);
    if (!form) throw new Error(`no form on ${page.url} (${page.status}): ${page.text.slice(0, 300)}`);
    const action = /action="([^"]*)"/.exec(form[0])?.[1].replaceAll("&amp;", "&") ?? page.url;
    const values = {};
    for (const [input] of form[1].matchAll(/<input[^>]*type="hidden"[^>]*>/gi)) {
      values[/name="([^"]*)"/.exec(input)[1]] = /value="([^"]*)"/.exec(input)[1].replaceAll("&amp;", "&");
    }
    const answer = await this.request("POST", new URL(action, page.url).href, { ...values, ...fields });
    if (answer.location && new URL(answer.location).origin === new URL(page.url).origin) {
      return this.open(answer.location);
    }
    return answer;
  }

  // Signs in with the password form by the names of decision P5 and approves; gives the callback URL.
  async signIn(authorizeUrl, user) {
    let page = await this.open(authorizeUrl);
    if (page.text.includes('name="password"')) {
      page = await this.submit(page, { login: user.login, password: user.password, action: "sign-in" });
    }
    if (!page.location && page.text.includes('value="allow"')) page = await this.submit(page, { action: "allow" });
    if (!page.location) throw new Error(`no redirect to the app (${page.status}): ${page.text.slice(0, 400)}`);
    return page.location;
  }
}
