/** A port of this machine that answers no connection attempt any more, as if packets to it were lost. */
import { type Socket, connect } from "node:net";
import { once } from "node:events";
import { LineReader } from "./line-reader.ts";

/** Linux completes one more handshake than the backlog says for a process that does not accept. */
const BACKLOG = 1;
const LISTEN = `const s = require("net").createServer().listen({ host: "127.0.0.1", port: 0, backlog: ${BACKLOG} },
  () => console.log(s.address().port));`;

export class DeafPort implements AsyncDisposable {
  readonly port: number;
  readonly #child: Bun.Subprocess;
  readonly #fillers: readonly Socket[];

  private constructor(port: number, child: Bun.Subprocess, fillers: readonly Socket[]) {
    this.port = port;
    this.#child = child;
    this.#fillers = fillers;
  }

  static async open(): Promise<DeafPort> {
    const child = Bun.spawn(["node", "-e", LISTEN], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
    const port = Number(await new LineReader(child.stdout).find((line) => line));
    child.kill("SIGSTOP");
    const fillers = Array.from({ length: BACKLOG + 1 }, () => connect({ host: "127.0.0.1", port }));
    await Promise.all(fillers.map((filler) => once(filler, "connect")));
    return new DeafPort(port, child, fillers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.on("error", () => {}).destroy();
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}
