// Photographs every page state: desktop, phone and the narrowest screen, light and dark, in every
// language, into build/screens/. Arguments choose states by prefix. Run by `make screens`.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { holdStill, readPages, servePages, startBrowser } from "./pages.mjs";

const target = resolve(import.meta.dirname, "../../build/screens");
const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 320, height: 640 },
};
const prefixes = process.argv.slice(2);

mkdirSync(target, { recursive: true });
const dump = readPages();
const server = await servePages(dump);
const browser = await startBrowser();
let count = 0;
try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.context({ viewport, colorScheme });
      const tab = await context.newPage();
      await holdStill(tab);
      for (const page of dump.pages) {
        if (prefixes.length && !prefixes.some((prefix) => page.name.startsWith(prefix))) continue;
        await tab.goto(server.origin + page.path);
        const file = `${page.name}.${page.locale}.${size}.${colorScheme}.png`;
        await tab.screenshot({ path: join(target, file), fullPage: true });
        count += 1;
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
console.log(`${count} pictures in build/screens`);
