/** The command inside this process, with a clock that is moved by hand. */
import { expect, test } from "bun:test";
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
