// Serves one page for every path, and the library's own browser file; everything else happens in page.mjs.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';

const { ISSUER, CLIENT_ID, SCOPE, PORT, PROMPT } = process.env;
const main = createRequire(import.meta.url).resolve('oidc-client-ts');
const library = main.replace(/umd\/.*/, 'browser/oidc-client-ts.js');
const settings = { authority: ISSUER, client_id: CLIENT_ID, scope: SCOPE, prompt: PROMPT };
const files = {
  '/oidc-client-ts.js': readFileSync(library),
  '/page.mjs': readFileSync(new URL('page.mjs', import.meta.url)),
  '/settings.mjs': `export const settings = ${JSON.stringify(settings)};`,
};
const html = '<!doctype html><title>oidc-client-ts</title><script src="/oidc-client-ts.js"></script>'
  + '<script type="module" src="/page.mjs"></script>';

http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const type = pathname in files ? 'text/javascript' : 'text/html';
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(files[pathname] ?? html);
}).listen(Number(PORT), '127.0.0.1');
