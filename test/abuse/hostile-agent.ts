/** An agent with a valid token that writes any frame it likes, over TLS, to an edge of the test's process; and those it is to harm. */
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { decodeReply, encodeRequest } from "../../src/protocol/rpc/rpc-call.ts";
import { encodeStreamType } from "../../src/protocol/rpc/stream-type.ts";
import { dataFrame } from "../support/frame-bytes.ts";
import { type Frame, FrameRecorder } from "../support/frame-recorder.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { AUTH_REQUEST } from "../support/session-pair.ts";
import { EDGE_CA_PEM, type EdgeAgent, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const AUTH_STREAM = 3;

export class HostileAgent {
  readonly connection: Duplex;
  readonly heard: RecordingListener;
  readonly #recorder = new FrameRecorder();
  /** For streams that follow the call of Auth. */
  #nextId = AUTH_STREAM + 2;

  #sessionId = "";

  private constructor(connection: Duplex) {
    this.connection = connection;
    this.heard = new RecordingListener(connection);
    this.heard.onBytes = (bytes) => this.#recorder.receive(bytes);
  }

  /** Not let in yet. */
  static async dial(port: number): Promise<HostileAgent> {
    const plain = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 4_000 });
    const context = clientTlsContext([EDGE_CA_PEM]);
    const { connection } = await connectTls(plain, { context, serverName: "connect.edge.test", verify: true });
    return new HostileAgent(connection);
  }

  /** Of its record. */
  get sessionId(): string {
    return this.#sessionId;
  }

  /** Every frame of the edge, in their order. */
  get frames(): readonly Frame[] {
    return this.#recorder.frames;
  }

  get isCut(): boolean {
    return this.heard.isClosed || this.heard.hasEnded;
  }

  send(...frames: readonly Uint8Array[]): void {
    this.connection.write(Buffer.concat(frames));
  }

  sendTwice(frame: Uint8Array): void {
    this.send(frame, frame);
  }

  /** As {@link send}, no faster than the edge reads. */
  async sendAll(frames: Iterable<Uint8Array>): Promise<void> {
    let batch: Uint8Array[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const drains = this.heard.drains;
      const isFull = !this.connection.write(Buffer.concat(batch));
      batch = [];
      bytes = 0;
      if (isFull) await this.heard.until(() => this.heard.drains > drains || this.isCut);
    };
    for (const frame of frames) {
      if (this.isCut) return;
      batch.push(frame);
      bytes += frame.length;
      if (bytes >= 64 * 1024) await flush();
    }
    await flush();
  }

  /** Auth, as an honest agent places it. */
  async enter(): Promise<void> {
    const request = { ...AUTH_REQUEST, agent: { ...AUTH_REQUEST.agent, stopUnsupported: "" } };
    this.send(dataFrame(AUTH_STREAM, encodeRequest(AUTH, request), "syn"), dataFrame(AUTH_STREAM, "", "fin"));
    await eventually("the agent is in", () => this.isEnded(AUTH_STREAM));
    const reply = decodeReply(AUTH, Buffer.from(this.reply(AUTH_STREAM)));
    this.#sessionId = reply.edge.agentSessionId;
  }

  /** Places a call on a stream of its own, whose id it answers. */
  place(streamType: number, message: Uint8Array | string): number {
    const id = this.#nextId;
    this.#nextId += 2;
    const bytes = Buffer.concat([encodeStreamType(streamType), Buffer.from(message)]);
    this.send(dataFrame(id, "", "syn"));
    for (let at = 0; at < bytes.length; at += 32_768) this.send(dataFrame(id, bytes.subarray(at, at + 32_768)));
    this.send(dataFrame(id, "", "fin"));
    return id;
  }

  /** What the edge has written to a stream so far. */
  reply(id: number): string {
    const parts = this.frames.flatMap((frame) => (frame.type === "data" && frame.id === id ? [frame.payload] : []));
    return Buffer.concat(parts).toString("latin1");
  }

  /** Ids of streams that the edge opened, whose first bytes were these: for visitors, `\0\0\0\x03`. */
  opened(start: string): readonly number[] {
    return this.frames.flatMap((frame) =>
      frame.type === "data" && frame.syn && frame.payload.toString("latin1").startsWith(start) ? [frame.id] : [],
    );
  }

  /** Whether the edge has ended its direction of a stream, or reset it. */
  isEnded(id: number): boolean {
    return this.frames.some(
      (frame) => "id" in frame && frame.id === id && (frame.type === "reset" || (frame.type === "data" && frame.fin)),
    );
  }

  /** What was heard so far is of no interest any more. */
  forget(): void {
    this.#recorder.take();
  }

  resets(): readonly (readonly [id: number, code: number])[] {
    return this.frames.flatMap((frame) => (frame.type === "reset" ? [[frame.id, frame.code] as const] : []));
  }
}

/** An edge whose clock stands still, an honest agent at it, and what both have to say afterwards. */
export class Victims implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly edge: TestEdge;
  readonly #agents: EdgeAgent[] = [];
  readonly #hostile: HostileAgent[] = [];

  private constructor() {
    this.edge = testEdge({}, this.clock);
  }

  /** The agent serves `good.edge.test`. */
  static async open(): Promise<Victims> {
    const victims = new Victims();
    const honest = await victims.edge.agent();
    victims.#agents.push(honest);
    honest.agent.onProxy = (_header, stream) => {
      stream.listen({ onData: () => {}, onDrain: () => {}, onEnd: () => stream.end(), onClose: () => {} });
      stream.write(Buffer.from("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood"));
    };
    await honest.bind({ Proto: "http", Opts: { Domain: "good.edge.test" } });
    return victims;
  }

  async hostile(): Promise<HostileAgent> {
    const agent = await HostileAgent.dial(this.edge.agents);
    this.#hostile.push(agent);
    await agent.enter();
    return agent;
  }

  /** What a visitor of the honest agent is answered. */
  async served(): Promise<string> {
    const { status, body } = await visit("good.edge.test", { port: this.edge.http });
    return `${status} ${body.toString()}`;
  }

  /** Why sessions have ended, in the words of the log. */
  get ends(): readonly unknown[] {
    return this.edge.log
      .filter(({ message }) => message === "agent session ended")
      .map(({ fields }) => fields["reason"]);
  }

  /** Lines that say that the edge itself failed. */
  get faults(): readonly unknown[] {
    return this.edge.log.filter(({ level }) => level === "error" || level === "crit");
  }

  /** Everybody goes; resolves when sessions, endpoints, visitors and timers of the edge have gone too. */
  async emptied(): Promise<void> {
    for (const { connection } of this.#hostile) connection.reset();
    for (const { agent } of this.#agents) agent.session.close("");
    const { figures } = this.edge.edge;
    await eventually("nobody is left", () => {
      const now = this.edge.edge.figures;
      const visitors = [...now.visitors.values()].reduce((sum, count) => sum + count, 0);
      return now.agents + now.legs + now.endpoints.size + visitors === 0;
    });
    // What may take its time has had it.
    this.clock.advance(600_000);
    await eventually("no timer waits", () => this.clock.pending === 0);
    if (figures.visitorsTurnedAway > 0) throw new Error("honest visitors were turned away");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { connection } of this.#hostile) connection.reset();
    await this.edge.end();
  }
}
