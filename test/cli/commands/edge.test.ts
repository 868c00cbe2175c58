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

/** The fault happens in a process of its own, since the test runner would count it. */
const FAULTY = `
  import { systemClock } from ${JSON.stringify(join(import.meta.dir, "../../../src/base/clock.ts"))};
  import { run } from ${JSON.stringify(join(import.meta.dir, "../../../src/cli/commands/edge.ts"))};
  const [data] = process.argv.slice(-1);
  const port = ["127.0.0.1:0"];
  const flags = { domain: ["edge.test"], http: port, https: port, data: [data], log: ["stdout"], "log-format": ["json"] };
  // The token is told when everything else is up.
  const print = async () => void setTimeout(() => { throw new Error("nobody's"); });
  const context = { program: "ginnel", env: {}, clock: systemClock, print, isTerminal: false, signal: new AbortController().signal };
  run({ command: "edge", args: [], flags, deprecations: [] }, context).catch(({ message }) => console.log("ended by", message));
`;

test("edge ends in order at a fault that nobody could place, and says so with its stack", async () => {
  using folder = new TemporaryFolder();
  const child = Bun.spawn([process.execPath, "--eval", FAULTY, folder.path], { stdin: "ignore", timeout: 4_000 });
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  expect([await child.exited, lines.pop()]).toEqual([0, "ended by nobody's"]);
  const [ready, ended] = lines.slice(-2).map((line) => JSON.parse(line));
  expect(ready).toMatchObject({ msg: "edge ready" });
  expect(ended).toMatchObject({ lvl: "eror", msg: "a fault of ginnel ends the edge", err: "nobody's" });
  expect(ended.stack).toContain("at ");
});
