import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { removeIfDeserted } from "../../../src/cli/edge/deserted-folder.ts";
import { hubSocket } from "../../../src/cli/edge/worker-role.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

/** Listens until it is killed, so that its socket is left behind. */
const LISTENER = `
  Bun.listen({ unix: process.argv.at(-1), socket: { data() {} } });
  console.log("listening");
`;

test("removeIfDeserted leaves the sockets of a first process that lives, and removes those of one that was killed", async () => {
  using folder = new TemporaryFolder();
  const socket = hubSocket(folder.path);
  await using first = Bun.spawn([process.execPath, "-e", LISTENER, socket], { stdout: "pipe", stderr: "inherit" });
  await first.stdout.getReader().read();
  await removeIfDeserted(folder.path);
  expect(existsSync(socket)).toBe(true);
  first.kill("SIGKILL");
  await first.exited;
  expect(existsSync(socket)).toBe(true);
  await removeIfDeserted(folder.path);
  expect(existsSync(folder.path)).toBe(false);
});
