/** The dashboard in the compiled program: its pages come from the executable alone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { LineReader } from "../support/line-reader.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const folder = new TemporaryFolder();
const scene: { child?: Bun.Subprocess<"ignore", "pipe", "inherit">; origin?: string } = {};

beforeAll(async () => {
  const binary = await builtBinary();
  const ports = ["--http=127.0.0.1:0", "--https=127.0.0.1:0", "--management-addr=127.0.0.1:0"];
  const flags = ["--domain=edge.test", `--data=${folder.path}`, ...ports, "--log=stdout", "--log-format=json"];
  const child = Bun.spawn([binary, "edge", ...flags], {
    cwd: folder.path,
    env: { HOME: folder.path },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  scene.child = child;
  scene.origin = await new LineReader(child.stdout).find((line) => {
    // What is told once comes first, and is no line of the log.
    if (!line.startsWith("{")) return undefined;
    const { msg, management } = JSON.parse(line) as Readonly<Record<string, string>>; // our own log
    return msg === "edge ready" ? `http://127.0.0.1:${management}` : undefined;
  });
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  scene.child?.kill("SIGKILL");
  await scene.child?.exited;
  folder[Symbol.dispose]();
});

test("the compiled program serves the dashboard's page and every file that it names", async () => {
  const page = await fetch(`${scene.origin}/`, { headers: { Accept: "text/html" } });
  expect(page.url).toBe(`${scene.origin}/dashboard/`);
  const shell = await page.text();
  const files = [...shell.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
  expect(files.map((file) => file.replace(/-[0-9a-f]{16}\./, "."))).toEqual([
    "/dashboard/assets/icon.svg",
    "/dashboard/assets/dashboard.css",
    "/dashboard/assets/dashboard.js",
  ]);
  const [icon, style, script] = await Promise.all(
    files.map(async (file) => await (await fetch(`${scene.origin}${file}`)).text()),
  );
  expect(icon).toStartWith("<svg");
  expect(style).toContain("--accent");
  expect(script?.toLowerCase().includes("ginnel-dashboard")).toBe(true);
});
