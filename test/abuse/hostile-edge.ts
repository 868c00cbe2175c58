/** An edge that lets an agent in and then sends what it likes; and all that the agent tells people, as it leaves the process. */
import { Agent } from "../../src/agent/agent.ts";
import { ConsoleScreen } from "../../src/agent/console/console-screen.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { describeFailure, renderFailure } from "../../src/cli/fatal.ts";
import { statusBlock } from "../../src/cli/status-block.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { STREAM_TYPES } from "../../src/protocol/rpc/stream-type.ts";
import { formatJsonLine } from "../../src/telemetry/json-lines.ts";
import { formatLogfmt } from "../../src/telemetry/logfmt.ts";
import { termFormatter } from "../../src/telemetry/term-format.ts";
import { dataFrame } from "../support/frame-bytes.ts";
import { type Frame, FrameRecorder } from "../support/frame-recorder.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog, type RecordedLine } from "../support/recording-log.ts";
import { RecordingListener } from "../support/recording-listener.ts";

/** What an edge answers, by the type of the call. Nothing: no answer. */
export interface Answers {
  auth?: string | Uint8Array | undefined;
  bind?: string | Uint8Array | undefined;
  unbind?: string | Uint8Array | undefined;
}

const USUAL = {
  auth: '{"Version":"3","ClientId":"session-1","Error":"","Extra":{"Region":"eu"}}',
  bind: '{"Id":"b1","URL":"https://a.edge.test","Proto":"https","Opts":{},"Error":"","Extra":{"Token":"t"}}',
  unbind: '{"Error":"","Extra":null}',
} as const;

const PIECE_BYTES = 32_768;
const SIZE = { columns: 120, rows: 40 };

/** One session of the agent, in the hands of the edge. */
export class HostileSession {
  readonly connection: Duplex;
  readonly heard: RecordingListener;
  readonly #recorder = new FrameRecorder();
  readonly #answers: Answers;
  /** Types of the streams that the agent has opened. */
  readonly #types = new Map<number, number>();
  #seen = 0;
  #isEchoing = true;

  constructor(connection: Duplex, answers: Answers) {
    this.connection = connection;
    this.#answers = answers;
    this.heard = new RecordingListener(connection);
    this.heard.onBytes = (bytes) => {
      this.#recorder.receive(bytes);
      for (const frame of this.#recorder.frames.slice(this.#seen)) this.#hear(frame);
      this.#seen = this.#recorder.frames.length;
    };
  }

  get frames(): readonly Frame[] {
    return this.#recorder.frames;
  }

  /** The agent lets go of the session. */
  get isCut(): boolean {
    return this.heard.isClosed || this.heard.hasEnded;
  }

  send(...frames: readonly Uint8Array[]): void {
    if (!this.isCut) this.connection.write(Buffer.concat(frames));
  }

  /** Of calls. */
  has(streamType: number): boolean {
    return [...this.#types.values()].includes(streamType);
  }

  /** Beats stay without an answer from now on. */
  stopEchoing(): void {
    this.#isEchoing = false;
  }

  resets(): readonly (readonly [id: number, code: number])[] {
    return this.frames.flatMap((frame) => (frame.type === "reset" ? [[frame.id, frame.code] as const] : []));
  }

  #hear(frame: Frame): void {
    if (frame.type !== "data" || frame.id % 2 === 0) return;
    const isFirst = frame.syn && frame.payload.length >= 4;
    if (isFirst) this.#types.set(frame.id, frame.payload.readUInt32BE(0));
    const payload = isFirst ? frame.payload.subarray(4) : frame.payload;
    const type = this.#types.get(frame.id);
    if (type === STREAM_TYPES.heartbeat) {
      if (this.#isEchoing && payload.length > 0) this.send(dataFrame(frame.id, payload));
    } else if (!isFirst) return;
    else if (type === STREAM_TYPES.auth) this.#answer(frame.id, this.#answers.auth);
    else if (type === STREAM_TYPES.bind) this.#answer(frame.id, this.#answers.bind);
    else if (type === STREAM_TYPES.unbind) this.#answer(frame.id, this.#answers.unbind);
  }

  #answer(id: number, text: string | Uint8Array | undefined): void {
    if (text === undefined) return;
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      this.send(dataFrame(id, bytes.subarray(at, at + PIECE_BYTES)));
    this.send(dataFrame(id, "", "fin"));
  }
}

/** An agent whose edge is hostile. */
export class Prey implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly agent: Agent;
  readonly sessions: HostileSession[] = [];
  readonly lines: readonly RecordedLine[];
  /** What each new session answers. */
  readonly answers: Answers;
  /** Everything that was written to the terminal. */
  terminal = "";
  readonly #screen: ConsoleScreen;

  constructor(answers: Answers = {}) {
    this.answers = { ...USUAL, ...answers };
    const { log, lines } = recordingLog();
    this.lines = lines;
    const terminal = {
      size: SIZE,
      enter: () => {},
      isReady: () => true,
      write: (text: string) => {
        this.terminal += text;
      },
      leave: () => Promise.resolve(),
    };
    const about = { program: "ginnel", version: "1", colour: "transparent" as const };
    this.#screen = new ConsoleScreen({ ...about, terminal, clock: this.clock });
    this.agent = new Agent({
      connect: () => {
        const [agentEnd, edgeEnd] = pipe();
        this.sessions.push(new HostileSession(edgeEnd, this.answers));
        return Promise.resolve(agentEnd);
      },
      identity: { authtoken: "t", version: "1", metadata: "", configVersion: "3", allowsRemoteManagement: false },
      heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
      region: undefined,
      listener: this.#screen,
      capture: new ExchangeRing({ limitBytes: 1_000_000 }),
      clock: this.clock,
      log,
      random: () => 0.5,
    });
    this.#screen.show({ agent: this.agent, ring: undefined, webUrl: () => undefined });
  }

  /** The session of that number, which is the last one. */
  get session(): HostileSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("no session yet");
    return session;
  }

  /** Lines by which the agent says that it failed itself. */
  get faults(): readonly RecordedLine[] {
    return this.lines.filter(({ message }) => message.startsWith("fault"));
  }

  /** The log in every format, as it is written. */
  get log(): readonly string[] {
    const formats = [termFormatter(false), formatLogfmt, formatJsonLine];
    return this.lines.flatMap((line) =>
      formats.map((format) => format({ ...line, date: this.clock.date(), utcOffsetMinutes: 0 })),
    );
  }

  /** What people see without a screen, and of a failure. */
  shown(failure?: unknown): string {
    const forwardings = this.agent.tunnels.map(({ publicUrl: url, address }) => ({ url, address }));
    const block = statusBlock({ ...this.agent.status, version: "1", webUrl: undefined, forwardings }, "ginnel");
    return failure === undefined ? block : block + renderFailure(describeFailure(failure));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.agent.stop();
    this.clock.advance(10_000);
    await stopped;
    for (const { connection } of this.sessions) connection.reset();
    await this.#screen.leave();
  }
}
