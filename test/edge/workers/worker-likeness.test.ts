/** Processes of one edge that were not started with the same program and configuration. */
import { expect, test } from "bun:test";
import { EdgeWorker } from "../../../src/edge/workers/edge-worker.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { RemoteError } from "../../../src/protocol/rpc/rpc-error.ts";
import { type LogLine, testEdge, testEdgeOptions } from "../../support/test-edge.ts";

const OWN = { version: "1.0.0", configuration: "a" };

test.each([
  ["another version", { ...OWN, version: "1.0.1" }, "the program is version 1.0.1 now, and 1.0.0 is running"],
  ["another configuration", { ...OWN, configuration: "b" }, "the configuration has changed"],
])("WorkerPeer refuses a worker of %s", async (_, { version, configuration }, reason) => {
  const hub = testEdge({ version: OWN.version, process: { number: 1, count: 2, configuration: OWN.configuration } });
  const [hubEnd, workerEnd] = pipe();
  const over = hub.edge.acceptWorker(hubEnd);
  const log: LogLine[] = [];
  const process = { number: 2, count: 2, configuration };
  const options = {
    ...testEdgeOptions(log),
    version,
    process,
    pid: 2,
    metrics: () => [],
    caughtUp: () => Promise.resolve(),
  };
  const failure = await EdgeWorker.start(options, workerEnd).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RemoteError);
  expect(String(failure)).toContain(reason);
  expect(hub.log.map(({ message }) => message)).toContain("worker is not like the others");
  workerEnd.reset();
  expect(await over).toMatchObject({ pid: 2 });
  await hub.end();
});
