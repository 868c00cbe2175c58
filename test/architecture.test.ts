/** Holds the table of rooms (docs/design.md) against the imports of src/. */
import { expect, test } from "bun:test";
import { dirname, join, normalize, relative } from "node:path";
import { Glob } from "bun";

const SRC = join(import.meta.dir, "../src");

const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ["base"],
  model: ["base"],
  config: ["base", "model", "protocol"],
  policy: ["base", "model", "protocol"],
  telemetry: ["base"],
  net: ["base", "protocol"],
  pki: ["base"],
  capture: ["base", "protocol"],
  store: ["base", "model"],
  "http-api": ["base"],
  "web-ui": ["base"],
  agent: ["base", "protocol", "model", "config", "policy", "telemetry", "net", "pki", "capture", "http-api", "web-ui"],
  edge: ["base", "protocol", "model", "config", "policy", "telemetry", "net", "pki", "store", "http-api", "web-ui"],
  cli: [
    "base",
    "protocol",
    "model",
    "config",
    "policy",
    "telemetry",
    "net",
    "pki",
    "capture",
    "store",
    "http-api",
    "web-ui",
    "agent",
    "edge",
  ],
};
/** These take bytes, events and time as arguments: no I/O, no clock, no randomness, no environment. */
const PURE = new Set(["protocol", "model", "policy"]);
const IMPURE = [/\bBun\./, /from "node:(?!buffer|url|crypto)/, /from "bun"/, /Date\.now|performance\.now|new Date\(\)/];
const IMPURE_CALLS = [/Math\.random|crypto\.(random|get)/, /process\./, /\bset(Timeout|Interval|Immediate)\(/];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const files = [...new Glob("**/*.{ts,tsx}").scanSync(SRC)].sort();
const sources = new Map(
  await Promise.all(files.map(async (file) => [file, await Bun.file(join(SRC, file)).text()] as const)),
);

function importsOf(file: string, source: string): Import[] {
  const found = source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, path]) => ({
    file,
    room: roomOf(file),
    target: relative(SRC, normalize(join(SRC, dirname(file), path ?? ""))),
  }));
}

function roomOf(file: string): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : "cli";
}

test("every file stands in a known room", () => {
  expect(files.filter((file) => !(roomOf(file) in ROOMS))).toEqual([]);
});

test("imports point down the list of rooms", () => {
  const wrong = [...sources].flatMap(([file, source]) =>
    importsOf(file, source).filter(
      ({ room, target }) => roomOf(target) !== room && !ROOMS[room]?.includes(roomOf(target)),
    ),
  );
  expect(wrong).toEqual([]);
});

test("of the edge, its records and its faces for people and programs know the store, and nothing else", () => {
  const faces = /^edge\/(?:records|management|dashboard)\//;
  const wrong = [...sources].flatMap(([file, source]) =>
    importsOf(file, source).filter(
      ({ room, target }) => room === "edge" && roomOf(target) === "store" && !faces.test(file),
    ),
  );
  expect(wrong).toEqual([]);
});

test("imports name the file, with its ending, and no barrel", () => {
  const wrong = [...sources].flatMap(([file, source]) =>
    importsOf(file, source).filter(({ target }) => !/\.\w+$/.test(target) || target.endsWith("/index.ts")),
  );
  expect(wrong).toEqual([]);
});

test("no file imports itself over other files", () => {
  const graph = new Map([...sources].map(([file, source]) => [file, importsOf(file, source).map((i) => i.target)]));
  const cycles: string[] = [];
  const done = new Set<string>();
  function walk(file: string, path: readonly string[]): void {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" > "));
    if (done.has(file) || path.includes(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  }
  for (const file of graph.keys()) walk(file, []);
  expect(cycles).toEqual([]);
});

test("pure rooms touch no socket, clock, randomness or environment", () => {
  const wrong = [...sources]
    .filter(([file]) => PURE.has(roomOf(file)))
    .flatMap(([file, source]) =>
      [...IMPURE, ...IMPURE_CALLS].filter((rule) => rule.test(source)).map((rule) => `${file}: ${rule}`),
    );
  expect(wrong).toEqual([]);
});
