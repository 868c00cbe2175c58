/** The bodies of calls at the address of the management API, over real sockets. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { MAX_BODY_BYTES } from "../../../src/edge/management/call-request.ts";
import { ManagementPort } from "../../../src/edge/management/management-port.ts";
import { managementSite } from "../../../src/edge/management/management-site.ts";
import { MAX_GATHERED_BYTES_OF_ADDRESS } from "../../../src/edge/own-sites.ts";
import { BODY_GRACE_MS, BODY_MS, MIN_BODY_BYTES_PER_SECOND } from "../../../src/edge/visitors/gathered-body.ts";
import { ManagementScene } from "../../support/management-scene.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually } from "../../support/turns.ts";

const LONGEST_BODY = 2 * MAX_BODY_BYTES;

/** Sends what it is told, and hears one answer. */
class PlayedCaller {
  readonly #socket: Socket;
  #heard = "";
  isEnded = false;

  constructor(port: number) {
    this.#socket = connect({ host: "127.0.0.1", port });
    this.#socket.on("data", (bytes) => (this.#heard += bytes.toString("latin1")));
    // An answer to what is still being sent may end in a reset.
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => (this.isEnded = true));
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  get isAnswered(): boolean {
    return this.#heard.includes("\r\n\r\n{") && this.#heard.trimEnd().endsWith("}");
  }

  /** Status and code. */
  async answer(): Promise<readonly (string | undefined)[]> {
    await eventually("the call is answered", () => this.isAnswered);
    return [/^HTTP\/1\.1 (\d+)/.exec(this.#heard)?.[1], /"error_code":\s*"(\w+)"/.exec(this.#heard)?.[1]];
  }

  leave(): void {
    this.#socket.resetAndDestroy();
  }
}

const stacks: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.disposeAsync();
});

/** A port with the API of a scene behind it. */
async function openedPort() {
  const stack = new AsyncDisposableStack();
  stacks.push(stack);
  const scene = stack.use(await ManagementScene.open());
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const apps = { api: scene.app, dashboard: scene.app };
  const site = managementSite({ host: "api.e.test", apps: () => apps, clock, log });
  const address = { hostname: "127.0.0.1", port: 0 };
  const { port } = stack.use(await ManagementPort.open({ address, site, certificate: undefined, clock, log }));
  /** A call that makes an IP policy, up to its body. */
  const call = (framing: string, authorization = `Bearer ${scene.one.key}`): PlayedCaller => {
    const caller = new PlayedCaller(port);
    stack.defer(() => caller.leave());
    const fields = ["Host: a", "Ngrok-Version: 2", "Content-Type: application/json", framing];
    if (authorization !== "") fields.push(`Authorization: ${authorization}`);
    caller.send(`POST /ip_policies HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
    return caller;
  };
  return { call, clock, lines };
}

/** A piece of a body in chunks. */
function chunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

describe("a call at the management address", () => {
  test.each([
    ["in one piece", "Content-Length: 2", ["{}"]],
    ["in pieces", "Content-Length: 2", ["{", "}"]],
    ["in chunks", "Transfer-Encoding: chunked", ["1\r\n{\r\n", "1\r\n}\r\n0\r\n\r\n"]],
  ])("gets its answer with a body %s", async (_, framing, parts) => {
    const { call, lines } = await openedPort();
    const caller = call(framing);
    for (const part of parts) caller.send(part);
    expect(await caller.answer()).toEqual(["201", undefined]);
    expect([caller.isEnded, lines]).toEqual([false, []]);
  });

  test("is refused for a body that is said to be too large, before it comes", async () => {
    const { call } = await openedPort();
    const caller = call(`Content-Length: ${LONGEST_BODY + 1}`);
    expect(await caller.answer()).toEqual(["413", "ERR_GINNEL_SITE_BODY"]);
    await eventually("the connection ends", () => caller.isEnded);
  });

  test("is refused for a body that grows too large", async () => {
    const { call } = await openedPort();
    const caller = call("Transfer-Encoding: chunked");
    caller.send(chunk(new Uint8Array(LONGEST_BODY)));
    caller.send(chunk(new Uint8Array(1)));
    expect(await caller.answer()).toEqual(["413", "ERR_GINNEL_SITE_BODY"]);
    await eventually("the connection ends", () => caller.isEnded);
  });

  test.each(["Content-Length: 1000000", "Transfer-Encoding: chunked"])(
    "without a key is answered for its head alone (%s)",
    async (framing) => {
      const { call } = await openedPort();
      const caller = call(framing, "");
      expect(await caller.answer()).toEqual(["401", "ERR_NGROK_200"]);
      await eventually("the connection ends", () => caller.isEnded);
    },
  );

  test("is refused when its body does not come", async () => {
    const { call, clock, lines } = await openedPort();
    const caller = call("Content-Length: 100");
    caller.send("{");
    await eventually("the body is waited for", () => clock.pending > 0);
    clock.advance(BODY_GRACE_MS - 1);
    expect(caller.isAnswered).toBe(false);
    clock.advance(1_000);
    expect(await caller.answer()).toEqual(["408", "ERR_GINNEL_SLOW_BODY"]);
    await eventually("the connection ends", () => caller.isEnded);
    expect([clock.pending, lines]).toEqual([0, []]);
  });

  test("is refused when its body has not come whole after the longest time, however much of it has", async () => {
    const { call, clock } = await openedPort();
    const caller = call("Content-Length: 2000000");
    caller.send(new Uint8Array((BODY_MS / 1_000) * MIN_BODY_BYTES_PER_SECOND));
    await eventually("the body is waited for", () => clock.pending > 0);
    clock.advance(BODY_MS);
    expect(await caller.answer()).toEqual(["408", "ERR_GINNEL_SLOW_BODY"]);
  });

  test("shares the room for bodies with others of its address, and leaves it when it ends", async () => {
    const { call, lines } = await openedPort();
    const longest = new Uint8Array(LONGEST_BODY - 1);
    const others = Array.from({ length: MAX_GATHERED_BYTES_OF_ADDRESS / LONGEST_BODY }, () => {
      const caller = call(`Content-Length: ${LONGEST_BODY}`);
      caller.send(longest);
      return caller;
    });
    const refused = async (): Promise<boolean> => {
      const caller = call("Content-Length: 1000");
      caller.send(new Uint8Array(1_000));
      return (await caller.answer())[1] === "ERR_GINNEL_SITE_BUSY";
    };
    await until("there is no more room", refused);
    for (const caller of others) caller.leave();
    await until("there is room again", async () => !(await refused()));
    expect(others.map(({ isAnswered }) => isAnswered)).toEqual(others.map(() => false));
    expect(lines).toEqual([]);
  });

  test("whose caller goes in the middle leaves no fault and no timer", async () => {
    const { call, clock, lines } = await openedPort();
    const callers = ["Content-Length: 100", "Transfer-Encoding: chunked"].map((framing) => call(framing));
    for (const caller of callers) caller.send("1\r\n{\r\n");
    await eventually("the bodies are waited for", () => clock.pending === callers.length);
    for (const caller of callers) caller.leave();
    await eventually("nobody waits for them", () => clock.pending === 0);
    expect(lines).toEqual([]);
  });
});

/** As {@link eventually}, for what has to be asked. */
async function until(claim: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) if (tries === 200) throw new Error(`still waiting until ${claim}`);
}
