// A person's Chromium for interop/run. Reads {"visit": url} lines and answers each with where the visit ended and what
// #result of the app's page says; on the issuer's pages it signs in and approves. Nothing about certificates is
// ignored: HOME holds a certificate store that trusts the run's root.
import process from 'node:process';
import readline from 'node:readline';
import tls from 'node:tls';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../tests/browser/', import.meta.url))('playwright-core');
const { HOME, ISSUER, PERSON_LOGIN, PERSON_PASSWORD, HOSTS } = process.env;
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', `--host-resolver-rules=${HOSTS}`];

const consoleErrors = [];
let context;
let page;

async function start() {
  context = await chromium.launchPersistentContext(`${HOME}/profile`, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: flags,
    env: { ...process.env, HOME }, timeout: 60_000,
  });
  context.setDefaultTimeout(30_000);
  page = context.pages()[0] ?? await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(error.message));
}

// Whether the browser comes to know the run's root. It reads its certificate store once: where it could not, it goes on
// without, until it is started again.
async function trusts() {
  for (const end = Date.now() + 10_000; Date.now() < end; await page.waitForTimeout(250)) {
    try {
      await page.goto(`${ISSUER}/robots.txt`);
      return true;
    } catch (error) {
      if (!error.message.includes('ERR_CERT_AUTHORITY_INVALID')) throw error;
    }
  }
  return false;
}

// Whose certificate is shown on the issuer's port of each family: another program's, or the run's own.
function shown(host) {
  const { port } = new URL(ISSUER);
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, servername: 'localhost', rejectUnauthorized: false }, () => {
      const { issuer, valid_from: from, fingerprint256 } = socket.getPeerCertificate();
      socket.end();
      resolve(`${host} shows a certificate of ${issuer?.CN}, ${from}, ${fingerprint256}`);
    });
    socket.on('error', (error) => resolve(`${host}: ${error.message}`));
  });
}

// One step on a page of the issuer, as a person would take it.
async function answerPage() {
  if (await page.locator('input[name="password"]').isVisible()) {
    await page.fill('input[name="login"]', PERSON_LOGIN);
    await page.fill('input[name="password"]', PERSON_PASSWORD);
    await Promise.all([page.waitForNavigation(), page.click('button[name="action"][value="sign-in"]')]);
    return 1;
  }
  const button = page.locator('button[name="action"][value="allow"], button[name="action"][value="sign-out"]');
  await Promise.all([page.waitForNavigation(), button.first().click()]);
  return 0;
}

async function visit(url) {
  let typed = 0;
  await page.goto(url);
  for (let step = 0; step < 10; step += 1) {
    const form = page.locator('input[name="password"], button[value="allow"], button[value="sign-out"]');
    await page.locator('#result').or(form).first().waitFor();
    if (new URL(page.url()).origin !== ISSUER) break;
    typed += await answerPage();
  }
  const result = page.locator('#result');
  return {
    url: page.url(), typed, status: Number(await result.getAttribute('data-status')), text: await result.innerText(),
  };
}

await start();
if (!await trusts()) {
  consoleErrors.push(`not trusted: ${await shown('127.0.0.1')}; ${await shown('::1')}`);
  await context.close();
  await start();
  await trusts();
}
for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await visit(JSON.parse(line).visit);
  } catch (error) {
    const body = await page.locator('body').innerText({ timeout: 2_000 }).catch(() => '(no page)');
    answer = { url: page.url(), typed: 0, status: 599, text: [error.message, body, ...consoleErrors].join('\n') };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await context.close();
