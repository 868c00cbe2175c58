/** A worker that is started anew while the files of the edge are not what they were. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { EdgeProcess } from "../support/edge-process.ts";
import { workersOf } from "../support/edge-workers.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

test("a worker is not taken in with another configuration than the edge was started with", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("edge.yml");
  const configure = (region: string): void => writeFileSync(file, `region: ${region}\n`);
  configure("eu");
  await using edge = await EdgeProcess.start("--workers=2", `--config=${file}`);
  await edge.logged("worker ready", "");
  const before = edge.linesLogged;
  configure("us");
  process.kill(workersOf(edge)[0] ?? 0, "SIGKILL");
  await edge.logged("worker is not like the others", "the configuration has changed", before);
  expect(edge.timesLogged("worker ready")).toBe(1);
  configure("eu");
  await edge.logged("worker ready", "", before);
}, 60_000);
