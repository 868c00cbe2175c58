/** An edge of several processes that is told to stop loses no exchange that any of them has begun. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { hasConnection, workersOf } from "../support/edge-workers.ts";
import { faultLines } from "../support/fault-lines.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";

const LIMIT_MS = 60_000;
setDefaultTimeout(LIMIT_MS);
const HOST = `app.${EDGE_DOMAIN}`;
/** So many come to both processes, but for a chance of one in a million. */
const VISITORS = 20;
const FIRST = "the first half, ";
const SECOND = "and the second one";

/** Ends the answer to a visitor, by path. */
const answers = new Map<string, () => void>();

const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  fetch(incoming) {
    const halves = new ReadableStream({
      start(controller) {
        controller.enqueue(FIRST);
        answers.set(new URL(incoming.url).pathname, () => {
          controller.enqueue(SECOND);
          controller.close();
        });
      },
    });
    return new Response(halves);
  },
});
afterAll(() => upstream.stop(true));

/** Has got the first half of an answer. */
interface Held {
  /** Where it comes from. */
  readonly port: number;
  /** Resolves with what it has got in the end. */
  readonly release: () => Promise<string>;
}

async function hold(edge: EdgeProcess, path: string): Promise<Held> {
  const visitor = await dialTcp({ host: "127.0.0.1", port: edge.ports.http }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(visitor, LIMIT_MS);
  visitor.write(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`));
  await heard.until(() => heard.text.includes(FIRST) || heard.isClosed);
  const release = async (): Promise<string> => {
    answers.get(path)?.();
    await heard.until(() => heard.hasEnded || heard.isClosed);
    visitor.end();
    return `${heard.text.includes(FIRST) ? FIRST : ""}${heard.text.includes(SECOND) ? SECOND : ""}`;
  };
  return { port: Number(visitor.localAddress.split(":")[1]), release };
}

test.each([
  ["the first process alone", false],
  // As a terminal does, and systemd with its usual KillMode; twice, since a worker hears of it in two ways.
  ["all of its processes, some of them twice,", true],
])("an edge of two processes whose stop signal comes to %s ends what all of them have begun", async (_, toAll) => {
  await using edge = await EdgeProcess.start("--workers=2");
  await edge.logged("worker ready", "");
  const [worker = 0, ...others] = workersOf(edge);
  expect(others).toEqual([]);
  await using agent = await agentOf(edge, ["http", `--url=http://${HOST}`, upstream.url.origin]);
  await agent.url();
  answers.clear();
  const held = await Promise.all(Array.from({ length: VISITORS }, (__, at) => hold(edge, `/${at}`)));
  const isOfWorker = ({ port }: Held): boolean => hasConnection(worker, edge.ports.http, port);
  const ofWorker = held.filter(isOfWorker);
  const ofHub = held.filter((each) => !ofWorker.includes(each));
  expect([ofHub.length > 0, ofWorker.length > 0]).toEqual([true, true]);

  const { log } = edge;
  const ended = edge.end("SIGTERM");
  if (toAll) for (let time = 0; time < 2; time += 1) process.kill(worker, "SIGTERM");
  await edge.logged("received stop request", "SIGTERM");
  for (const { release } of ofHub) expect(await release()).toBe(FIRST + SECOND);
  // The ports of all processes are free by now, while a worker has visitors.
  await edge.again();
  for (const { release } of ofWorker) expect(await release()).toBe(FIRST + SECOND);
  expect(await ended).toBe(0);
  await log.ended;
  expect(faultLines(log.lines)).toEqual([]);
  await edge.logged("endpoint online", HOST);
});

test("an edge of several processes whose first one is killed gives its ports to the next one", async () => {
  await using edge = await EdgeProcess.start("--workers=3");
  await edge.logged("worker ready", '"worker":"2"');
  await edge.logged("worker ready", '"worker":"3"');
  const { log } = edge;
  await edge.end("SIGKILL");
  // With the last of them the log ends.
  await log.ended;
  await edge.again();
});

test("an edge of two processes that is told to stop twice ends at once, also with a worker that stands still", async () => {
  await using edge = await EdgeProcess.start("--workers=2", "--drain-timeout=1h");
  await edge.logged("worker ready", "");
  const [worker = 0] = workersOf(edge);
  process.kill(worker, "SIGSTOP");
  const ended = edge.end("SIGTERM");
  await edge.logged("received stop request", "SIGTERM");
  void edge.end("SIGTERM");
  expect(await ended).toBe(143);
  await edge.log.ended;
  await edge.again();
});
