// The demo's journey in Debian's Chromium: sign in, approve, see what the API answered, refresh,
// sign out. Run by `examples/demo/run --check`, which starts the programs, makes a HOME whose
// certificate store trusts the development CA, and passes everything in DEMO_ variables. Exits 0 or
// 1.
import assert from 'node:assert/strict';
import process from 'node:process';
import { chromium } from 'playwright-core';

const { DEMO_APP: app, DEMO_ISSUER: issuer, DEMO_LOGIN: login, DEMO_PASSWORD: password,
  DEMO_SUB: sub, DEMO_PROFILE: profile, HOME } = process.env;

const chromiumFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// Nothing of the journey may go anywhere but to the three programs.
function watch(page, problems) {
  const allowed = [app, issuer].map((url) => new URL(url).origin);
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && !allowed.includes(url.origin)) problems.push(`asked ${url}`);
    if (url.origin === allowed[0] && `${url}${request.postData() ?? ''}`.includes(password))
      problems.push('the app saw the password');
  });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
}

async function text(page, selector) {
  return (await page.locator(selector).innerText()).trim();
}

async function step(name, work) {
  process.stdout.write(`  ${name} ... `);
  await work();
  process.stdout.write('ok\n');
}

async function journey(page) {
  await step('the app offers to sign in', async () => {
    await page.goto(app);
    await page.locator('#sign-in').waitFor();
  });
  await step('the issuer asks who it is', async () => {
    await page.click('#sign-in');
    await page.locator('input[name="password"]').waitFor();
    assert.equal(new URL(page.url()).origin, new URL(issuer).origin);
  });
  await step('alice signs in with her password', async () => {
    await page.fill('input[name="login"]', login);
    await page.fill('input[name="password"]', password);
    await page.click('button[name="action"][value="sign-in"]');
    await page.locator('button[name="action"][value="allow"]').waitFor();
  });
  await step('she approves, and the app knows her', async () => {
    await page.click('button[name="action"][value="allow"]');
    await page.locator('#user-name').waitFor();
    assert.equal(new URL(page.url()).origin, app);
    assert.match(await text(page, '#user-name'), /alice/i);
    assert.match(await text(page, '#user-email'), /^alice@/);
    assert.equal(await text(page, '#user-sub'), sub);
  });
  await step('the API answers the app', async () => {
    const answer = JSON.parse(await text(page, '#api-answer'));
    assert.equal(answer.calendar_of, sub);
    assert.equal(answer.asked_by, 'web');
    assert.equal(answer.events.length, 3);
    assert.match(await text(page, '#token-facts'), /renewed 0 times/);
  });
  await step('"Refresh" renews the tokens', async () => {
    await page.click('#refresh');
    await page.getByText('renewed 1 time.').waitFor();
    assert.equal(JSON.parse(await text(page, '#api-answer')).calendar_of, sub);
  });
  await step('"Sign out" ends the session here and at the issuer', async () => {
    await page.click('#sign-out');
    const confirm = page.locator('button[name="action"][value="sign-out"]');
    const home = page.locator('#sign-in');
    await confirm.or(home).first().waitFor();
    if (await confirm.isVisible()) await confirm.click();
    await home.waitFor();
    assert.equal(page.url(), `${app}/`);
    // Signed out there too: the issuer asks again, and its account picker is one click.
    await page.click('#sign-in');
    await page.click('button[name="account"][value="alice"]');
    await page.locator('#user-name').waitFor();
  });
}

async function main() {
  const problems = [];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: chromiumFlags,
    env: { ...process.env, HOME },
    timeout: 60_000,
  });
  context.setDefaultTimeout(30_000);
  const page = context.pages()[0] ?? await context.newPage();
  watch(page, problems);
  try {
    await journey(page);
    assert.deepEqual(problems, []);
  } catch (error) {
    process.stdout.write('failed\n');
    console.error(error.message);
    console.error(`at ${page.url()}:`);
    const body = page.locator('body').innerText({ timeout: 2_000 });
    console.error(await body.catch(() => '(no page)'));
    problems.forEach((problem) => console.error(problem));
    process.exitCode = 1;
  } finally {
    await context.close();
  }
}

await main();
