/** Several processes, and such that end in the middle. */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { randomHex } from "../../src/base/random.ts";
import { openStore } from "../../src/store/open-store.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { STORE_KEY, type WriterReport } from "../support/store-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const PROGRAM = join(import.meta.dir, "../support/store-program.ts");
const folder = new TemporaryFolder();
const databases = await PostgresDatabases.start();

afterAll(async () => {
  await databases[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const DATABASES = [
  ["SQLite", () => Promise.resolve(`sqlite://${folder.file(`${randomHex(8)}.db`)}`)],
  ["PostgreSQL", () => databases.create()],
] as const;

type Writer = Bun.Subprocess<"ignore", "pipe", "inherit">;

function start(url: string, count: string, before: readonly string[] = []): Writer {
  return Bun.spawn([...before, process.execPath, PROGRAM, url, count], {
    env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
}

/** The lines that came whole. */
async function linesOf(writer: Writer, enough = Infinity): Promise<readonly string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of writer.stdout) {
    text += decoder.decode(part, { stream: true });
    if (text.split("\n").length > enough) writer.kill("SIGKILL");
  }
  return text.split("\n").slice(0, -1);
}

async function reportOf(writer: Writer): Promise<WriterReport> {
  return JSON.parse((await linesOf(writer)).at(-1) ?? "{}") as WriterReport; // printed by the program
}

describe.each(DATABASES)("a store in %s", (_, newDatabase) => {
  test("has everything that a process was told is kept, after kill -9", async () => {
    const url = await newDatabase();
    const writer = start(url, "Infinity");
    const acknowledged = await linesOf(writer, 60);
    await writer.exited;
    await using closing = new AsyncDisposableStack();
    const store = await openStore(url, { secretsKey: STORE_KEY });
    closing.defer(() => store.close());
    const kept = await store.all("credential");
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);
    expect(new Set(kept.map(({ id }) => id)).isSupersetOf(new Set(acknowledged))).toBe(true);
    const [account] = await store.all("account");
    const audited = await store.audit(account?.id, { limit: 1_000_000, where: { recordType: "credential" } });
    expect(new Set(audited.map(({ recordId }) => recordId))).toEqual(new Set(kept.map(({ id }) => id)));
  });

  test("is made once by processes that start at the same moment, and takes what all of them write", async () => {
    const url = await newDatabase();
    const writers = [1, 2, 3].map(() => start(url, "4"));
    const reports = await Promise.all(writers.map(reportOf));
    expect(reports.map(({ message }) => message)).toEqual(["undefined", "undefined", "undefined"]);
    const store = await openStore(url, { secretsKey: STORE_KEY });
    expect(await store.all("account")).toHaveLength(3);
    expect(await store.all("credential")).toHaveLength(12);
    await store.close();
  });
});

test("a store on a full disk says so, and keeps what it acknowledged and no half of anything", async () => {
  const inside = folder.file("mount");
  const script = 'mkdir "$0" && mount -t tmpfs -o size=2m none "$0" && exec "$@"';
  // A file system of its own, which nobody else sees and which ends with the process.
  const inNamespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, inside];
  const report = await reportOf(start(`sqlite://${inside}/x.db`, "Infinity", inNamespace));
  expect(report).toMatchObject({ failure: "diskFull", pairs: true });
  expect(report.message).toContain(`${inside}/x.db`);
  expect(report.acknowledged).toBeGreaterThan(0);
  expect([report.credentials, report.auditEntries]).toEqual([report.acknowledged, report.acknowledged]);
});
