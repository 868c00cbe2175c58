/** The inspector in the compiled program: its pages come from the executable alone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { LineReader } from "../support/line-reader.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const folder = new TemporaryFolder();
const scene: { child?: Bun.Subprocess<"ignore", "pipe", "inherit">; inspector?: string } = {};

beforeAll(async () => {
  const binary = await builtBinary();
  const child = Bun.spawn([binary, "start", "--none", "--log=stdout", "--log-format=json"], {
    cwd: folder.path,
    env: { HOME: folder.path, XDG_STATE_HOME: folder.path },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  scene.child = child;
  scene.inspector = await new LineReader(child.stdout).find((line) => {
    const { msg, addr } = JSON.parse(line) as Readonly<Record<string, string>>; // our own log
    return msg === "starting web service" ? `http://${addr}` : undefined;
  });
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  scene.child?.kill("SIGKILL");
  await scene.child?.exited;
  folder[Symbol.dispose]();
});

test("the compiled program serves the inspector's page and every file that it names", async () => {
  const shell = await (await fetch(`${scene.inspector}/`)).text();
  const files = [...shell.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
  expect(files.map((file) => file.replace(/-[0-9a-f]{16}\./, "."))).toEqual([
    "/inspect/assets/icon.svg",
    "/inspect/assets/inspector.css",
    "/inspect/assets/inspector.js",
  ]);
  const [icon, style, script] = await Promise.all(
    files.map(async (file) => await (await fetch(`${scene.inspector}${file}`)).text()),
  );
  expect(icon).toStartWith("<svg");
  expect(style).toContain("--accent");
  expect(script).toContain("/api/events");
});
