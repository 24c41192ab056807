// Unpacks Chromium and its libraries into ./chromium: npm's package has them compressed.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const place = fileURLToPath(new URL("chromium", import.meta.url));
rmSync(place, { recursive: true, force: true });
mkdirSync(place);
process.env.TMPDIR = place; // where the package unpacks to

const { inflate } = await import("@sparticuz/chromium");
const packed = new URL("../bin/", import.meta.resolve("@sparticuz/chromium"));
for (const part of ["al2023.tar.br", "chromium.br", "fonts.tar.br"]) {
  await inflate(fileURLToPath(new URL(part, packed)));
}
// Its own configuration names folders of the host that the package was made for.
writeFileSync(
  `${place}/fonts.conf`,
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${place}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${place}/cache</cachedir>
</fontconfig>
`,
);
