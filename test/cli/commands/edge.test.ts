/** The command inside this process, with a clock that is moved by hand. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { run } from "../../../src/cli/commands/edge.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { eventually } from "../../support/turns.ts";

test("edge leaves no timer behind, not even the one that looks after its certificate", async () => {
  using folder = new TemporaryFolder();
  const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
  const { certPem, keyPem } = await ca.issue(["edge.test"]);
  await Promise.all([Bun.write(folder.file("a.crt"), certPem), Bun.write(folder.file("a.key"), keyPem)]);
  const flags = {
    domain: ["edge.test"],
    http: ["127.0.0.1:0"],
    https: ["127.0.0.1:0"],
    "tcp-ports": ["off"],
    data: [folder.file("data")],
    crt: [folder.file("a.crt")],
    key: [folder.file("a.key")],
    authtoken: ["a-token"],
    log: ["false"],
  };
  const clock = new ManualClock();
  const stop = new AbortController();
  const ended = run(
    { command: "edge", args: [], flags, deprecations: [] },
    { program: "ginnel", env: {}, clock, print: () => Promise.resolve(), isTerminal: false, signal: stop.signal },
  );
  await eventually("the certificate is watched", () => clock.pending > 0);
  stop.abort("SIGTERM");
  expect([await ended, clock.pending]).toEqual([0, 0]);
});

/** The fault happens in a process of its own, since the test runner would count it; `happens` are statements about it. */
function faulty(happens: string): string {
  return `
    import { systemClock } from ${JSON.stringify(join(import.meta.dir, "../../../src/base/clock.ts"))};
    import { run } from ${JSON.stringify(join(import.meta.dir, "../../../src/cli/commands/edge.ts"))};
    const [data] = process.argv.slice(-1);
    const port = ["127.0.0.1:0"];
    const flags = { domain: ["edge.test"], http: port, https: port, data: [data], log: ["stdout"], "log-format": ["json"] };
    const stop = new AbortController();
    const fail = (message) => { throw new Error(message); };
    // The token is told when everything else is up.
    const print = async () => void setTimeout(() => { ${happens} });
    const context = { program: "ginnel", env: {}, clock: systemClock, print, isTerminal: false, signal: stop.signal };
    run({ command: "edge", args: [], flags, deprecations: [] }, context).then(
      (code) => console.log("ended with", code),
      ({ message }) => console.log("ended by", message),
    );
  `;
}

/** How the edge ended, and its log before. */
async function ended(happens: string): Promise<{ readonly how: string | undefined; readonly log: readonly Line[] }> {
  using folder = new TemporaryFolder();
  const command = [process.execPath, "--eval", faulty(happens), folder.path];
  const child = Bun.spawn(command, { stdin: "ignore", timeout: 4_000 });
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  await child.exited;
  const how = lines.pop();
  return { how, log: lines.map((line): Line => JSON.parse(line)) };
}

type Line = Readonly<Record<"lvl" | "msg" | "err" | "stack", unknown>>;

const FAULT = { lvl: "eror", msg: "a fault of ginnel ends the edge", stack: expect.stringContaining("at ") };

test("edge ends in order at a fault that nobody could place, and says so with its stack", async () => {
  const { how, log } = await ended(`fail("nobody's")`);
  expect(how).toBe("ended by nobody's");
  expect(log.slice(-2)).toEqual([
    expect.objectContaining({ msg: "edge ready" }),
    expect.objectContaining({ ...FAULT, err: "nobody's" }),
  ]);
});

test("edge tells of every fault while it stops, and does not end as if all were well", async () => {
  const { how, log } = await ended(`
    process.nextTick(() => fail("second"));
    stop.abort("SIGTERM");
    fail("first");
  `);
  expect(how).toBe("ended by first");
  expect(log.map(({ msg }) => msg)).toContain("received stop request");
  expect(log.filter(({ lvl }) => lvl === "eror")).toEqual([
    expect.objectContaining({ ...FAULT, err: "first" }),
    expect.objectContaining({ ...FAULT, err: "second" }),
  ]);
});
