// `make demo ARGS=--check`, minus the building: the whole sign-in, end to end, in one command.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

test('a person signs in, the app calls the API, refreshes, and she signs out', async () => {
  const run = spawn(path.join(root, 'examples/demo/run'), ['--check'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  run.stdout.on('data', (bytes) => { output += bytes; });
  run.stderr.on('data', (bytes) => { output += bytes; });
  const code = await new Promise((resolve) => { run.on('close', resolve); });
  assert.equal(code, 0, output);
});
