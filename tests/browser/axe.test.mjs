// Every page in every state, judged by axe-core: light and dark, both languages, on a desktop and at
// 320 px. Each run also asserts the page's own heading, that nothing scrolls sideways, and
// that the browser reported no violation of our policy. What axe cannot see (focus, order, targets)
// is asked here too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { after, before, describe, test } from "node:test";
import { answerForApps, holdStill, readPages, servePages, startBrowser } from "./pages.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const dump = readPages();
const controls = "button, .button, input:not([type=hidden]):not(.unseen)";
let server;
let browser;

before(async () => {
  server = await servePages(dump);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** A tab whose console complaints (policy violations among them) are collected. */
async function openTab(options = {}) {
  const context = await browser.context({ viewport: { width: 1280, height: 800 }, ...options });
  const tab = await context.newPage();
  tab.complaints = [];
  tab.on("console", (message) => {
    const text = message.text();
    // The status of an error page is what we mean it to be.
    if (message.type() === "error" && !/Failed to load resource.*status of [45]/.test(text)) {
      tab.complaints.push(text);
    }
  });
  await holdStill(tab);
  return tab;
}

/** What axe has to say about the page in the tab. */
async function violations(tab) {
  await tab.evaluate(axe);
  const result = await tab.evaluate(() => globalThis.axe.run(document, {
    resultTypes: ["violations"],
    preload: false,
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  return result.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

test("axe-core sees a page that is broken on purpose", async () => {
  const tab = await openTab();
  await tab.goto(`${server.origin}/sign_in.en`);
  await tab.evaluate(() => {
    document.querySelector("label").remove();
    document.querySelector("h1").setAttribute("role", "nonsense");
  });
  const found = (await violations(tab)).map((text) => text.split(":")[0]);
  assert.ok(found.includes("label") && found.includes("aria-roles"), found.join());
  await tab.context().close();
});

const narrow = { width: 320, height: 640 };
// Any two of colours, language and width meet once: what goes wrong only where all three meet is not
// looked for.
const settings = [
  { name: "light", locale: "en", options: { colorScheme: "light" } },
  { name: "dark", locale: "ar", options: { colorScheme: "dark" } },
  { name: "light, 320 px", locale: "ar", options: { colorScheme: "light", viewport: narrow } },
  { name: "dark, 320 px", locale: "en", options: { colorScheme: "dark", viewport: narrow } },
];

// Half of what this file takes: a tab for each processor.
describe("every page and state", { concurrency: availableParallelism() }, () => {
  for (const { name, locale, options } of settings) {
    test(`every page and state, ${name}, ${locale}: no violation`, async () => {
      const tab = await openTab(options);
      for (const page of dump.pages.filter((candidate) => candidate.locale === locale)) {
        await tab.goto(server.origin + page.path);
        assert.equal(await tab.locator("h1").innerText(), page.heading, page.path);
        assert.deepEqual(await violations(tab), [], `${page.path}, ${name}`);
        const sideways = await tab.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(sideways, 0, `${page.path} scrolls sideways`);
        assert.deepEqual(tab.complaints, [], page.path);
      }
      await tab.context().close();
    });
  }
});

test("text at 200 % on a phone: nothing is cut off and nothing scrolls sideways", async () => {
  const tab = await openTab({ viewport: { width: 640, height: 800 } });
  for (const page of dump.pages) {
    await tab.goto(server.origin + page.path);
    await tab.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(":root { font-size: 200% !important; }");
      document.adoptedStyleSheets.push(sheet);
    });
    const cut = await tab.evaluate(() => {
      const door = document.querySelector("main").getBoundingClientRect();
      return [...document.querySelectorAll("main *")]
        .filter((element) => !element.closest(".unseen, [type=hidden], [hidden]"))
        .filter((element) => {
          const box = element.getBoundingClientRect();
          const clips = getComputedStyle(element).overflowX !== "visible";
          return box.left < door.left || box.right > door.right
            || (clips && element.localName !== "input"
              && element.scrollWidth > element.clientWidth + 1);
        })
        .map((element) => element.outerHTML.slice(0, 120));
    });
    assert.deepEqual(cut, [], page.path);
    const fits = () => document.documentElement.scrollWidth <= innerWidth;
    assert.ok(await tab.evaluate(fits), page.path);
  }
  await tab.context().close();
});

test("every target is at least 24 px, every button at least 44 px high", async () => {
  const tab = await openTab({ viewport: { width: 320, height: 640 } });
  for (const page of dump.pages) {
    await tab.goto(server.origin + page.path);
    const small = await tab.evaluate((selector) => [...document.querySelectorAll(selector)]
      .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
      .filter(([html, box]) => box.width < 44
        || box.height < (html.startsWith("<summary") ? 24 : 44))
      .map(([html, box]) => `${html} ${box.width}x${box.height}`), `${controls}, summary`);
    assert.deepEqual(small, [], page.path);
  }
  await tab.context().close();
});

test("forced colours keep every control visible", async () => {
  const tab = await openTab({ forcedColors: "active" });
  for (const page of dump.pages) {
    await tab.goto(server.origin + page.path);
    const borderless = await tab.evaluate((selector) => [...document.querySelectorAll(selector)]
      .filter((element) => getComputedStyle(element).borderTopWidth === "0px")
      .map((element) => element.outerHTML), controls);
    assert.deepEqual(borderless, [], page.path);
  }
  await tab.context().close();
});

/** The ids or names that Tab reaches, from the top of the page to its end. */
async function tabOrder(tab) {
  const reached = [];
  for (let i = 0; i < 40; i += 1) {
    await tab.keyboard.press("Tab");
    const name = await tab.evaluate(() => {
      const element = document.activeElement;
      return element === document.body ? "" : element.id || element.value || element.localName;
    });
    if (name === "" || reached.includes(name)) return reached;
    reached.push(name);
  }
  return reached;
}

/** Opens a state; returns its tab. */
async function openState(name, options) {
  const tab = await openTab(options);
  await tab.goto(`${server.origin}/${name}.en`);
  return tab;
}

const orders = {
  "sign_in": ["login", "password", "sign-in", "cancel", "summary"],
  "sign_in.picker": ["alice", "bob", "admin", "login", "password", "sign-in", "cancel"],
  "consent": ["other", "allow", "deny", "a"],
  "choose_account": ["s1", "s2", "other"],
  "logout": ["sign-out", "cancel"],
  "form_post": ["continue"],
  "leave": ["continue"],
  "leave.form": ["continue"],
  "set_password": ["login", "password", "repeat", "set-password"],
};
for (const [name, expected] of Object.entries(orders)) {
  test(`Tab goes through ${name} in reading order`, async () => {
    const tab = await openState(name);
    assert.deepEqual(await tabOrder(tab), expected);
    await tab.context().close();
  });
}

for (const name of ["sign_in.bad_credentials", "sign_in.wait", "account.wrong_password",
  "set_password.mismatch"]) {
  test(`${name}: focus is on the problem, and it is announced`, async () => {
    const tab = await openState(name, { javaScriptEnabled: true });
    assert.equal(await tab.evaluate(() => document.activeElement.id), "problem");
    assert.equal(await tab.getAttribute("#problem", "role"), "alert");
    assert.match(await tab.title(), /^Error: /);
    await tab.context().close();
  });
}

test("focus is always visible", async () => {
  const tab = await openState("sign_in.picker");
  for (let i = 0; i < 7; i += 1) {
    await tab.keyboard.press("Tab");
    const width = await tab.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
    assert.ok(parseFloat(width) >= 2, width);
  }
  await tab.context().close();
});

for (const javaScriptEnabled of [true, false]) {
  const label = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`Enter in the password field signs in, not the picker or Cancel, ${label}`, async () => {
    const tab = await openState("sign_in.picker", { javaScriptEnabled });
    await tab.fill("#login", "alice");
    await tab.fill("#password", "correct horse");
    await tab.press("#password", "Enter");
    const text = await tab.textContent("body");
    assert.match(text, /action=sign-in$/);
    assert.match(text, /login=alice&password=correct\+horse&/);
    await tab.context().close();
  });

  test(`Cancel needs no password and the picker needs no form, ${label}`, async () => {
    const tab = await openState("sign_in.picker", { javaScriptEnabled });
    await tab.click("#cancel");
    assert.match(await tab.textContent("body"), /action=cancel$/);
    await tab.goBack();
    await tab.click('button[name="account"][value="bob"]');
    assert.match(await tab.textContent("body"), /csrf=[^&]+&account=bob$/);
    await tab.context().close();
  });
}

test("the signed-out page goes on to the app once its frames have answered", async () => {
  const page = dump.pages.find(
    ({ name, locale }) => name === "signed_out_apps.back" && locale === "en");
  const context = await browser.context();
  const tab = await context.newPage();
  const told = [];
  tab.on("request", (request) => {
    if (request.frame() !== tab.mainFrame()) told.push(request.url());
  });
  await answerForApps(tab);
  await tab.goto(server.origin + page.path);
  await tab.waitForURL("https://calendar.example/bye?state=a%26b");
  assert.deepEqual(told.sort(),
    ["https://calendar.example/out?iss=x&sid=y", "https://mail.example:8443/out"]);
  await context.close();
});

test("form_post sends itself with its script, and by its button without", async () => {
  const page = dump.pages.find(({ name, locale }) => name === "form_post" && locale === "en");
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.context({ javaScriptEnabled });
    const tab = await context.newPage();
    let received = "";
    await context.route("https://calendar.example/**", (route) => {
      const request = route.request();
      received = `${request.method()} ${request.url()} ${request.postData()}`;
      return route.fulfill({ body: "Thank you" });
    });
    const arrived = tab.waitForURL("https://calendar.example/cb");
    await tab.goto(server.origin + page.path, { waitUntil: "commit" });
    if (!javaScriptEnabled) await tab.click("#continue");
    await arrived;
    assert.equal(received, "POST https://calendar.example/cb code=abc&state=xyz");
    await context.close();
  }
});

test("an inline script that got in would not run", async () => {
  const page = dump.pages.find(({ name }) => name === "error");
  const hostile = { ...page, path: "/hostile",
    body: page.body.replace("</h1>", "</h1><script>document.title = 'ran'</script>") };
  const own = await servePages({ pages: [hostile], assets: dump.assets });
  try {
    const tab = await openTab();
    await tab.goto(`${own.origin}/hostile`);
    assert.notEqual(await tab.title(), "ran");
    assert.ok(tab.complaints.some((text) => text.includes("Content Security Policy")));
  } finally {
    await own.close();
  }
});
