// Reads JavaScript as Node and Prettier do, for tests: a JSON request a line, a JSON answer a line.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";
import vm from "node:vm";

const prettier = await import(pathToFileURL(process.argv[2]));

const OPERATIONS = {
  // The values of expressions, each evaluated by itself.
  values: ({ sources }) => sources.map((source) => vm.runInThisContext(`(${source}\n)`)),

  // Refuses a text that is no module.
  parse: ({ source }) => void new vm.SourceTextModule(source),

  // Whether Prettier would leave the text as it is.
  isPretty: ({ source, name }) => prettier.check(source, { filepath: name }),

  // The values of a module's own constants: it is run, with all that it imports.
  async constants({ file, names }) {
    const probe = path.join(path.dirname(file), "probe.mjs");
    const source = readFileSync(file, "utf8");
    writeFileSync(probe, `${source}\nexport { ${names.join(", ")} };\n`);
    try {
      return { ...(await import(pathToFileURL(probe))) };
    } finally {
      rmSync(probe);
    }
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { operation, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await OPERATIONS[operation](request)) ?? null };
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
