/** An edge in memory that does what a test says: each connection of the agent is a pipe. */
import { PublicError } from "../../src/base/errors.ts";
import { DialError } from "../../src/net/dial-error.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { type Answer, answer } from "../../src/net/rpc-answer.ts";
import { UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { answerOptions } from "../../src/protocol/rpc/answered-options.ts";
import type { AuthReply, AuthRequest } from "../../src/protocol/rpc/auth.ts";
import { BIND, type BindReply, type BindRequest } from "../../src/protocol/rpc/bind.ts";
import { ProxyHeaderEncoder } from "../../src/protocol/rpc/proxy-header.ts";
import { ManualClock } from "./manual-clock.ts";
import { RecordingListener } from "./recording-listener.ts";
import { AUTH_REPLY, PlayedEdge } from "./session-pair.ts";
import { severablePipe, type SeverablePipe } from "./severable-pipe.ts";
import { eventually } from "./turns.ts";

export class ScriptedEdge {
  readonly clock = new ManualClock();
  /** How often the agent dialled. */
  dials = 0;
  /** Dials fail. */
  isDown = false;
  /** The sessions in their order. */
  readonly sessions: PlayedEdge[] = [];
  readonly wires: SeverablePipe[] = [];
  readonly authRequests: AuthRequest[] = [];
  readonly binds: BindRequest[] = [];
  /** Those of each session, at its place. */
  readonly bindsOf: BindRequest[][] = [];
  readonly unbinds: string[] = [];
  /** What Auth comes to. */
  authenticate = (_request: AuthRequest): Promise<AuthReply> => Promise.resolve(replyOf("ts_1", true));
  /** What a bind comes to. */
  bind = (request: BindRequest): Promise<BindReply> => Promise.resolve(this.given(request));
  /** What an unbind comes to. */
  unbind = (): Promise<void> => Promise.resolve();

  connect = (signal: AbortSignal): Promise<Duplex> => {
    this.dials += 1;
    if (signal.aborted) return Promise.reject(new DialError("aborted", "aborted"));
    if (this.isDown) return Promise.reject(new DialError("refused", "dial tcp 192.0.2.1:443: connection refused"));
    const wire = severablePipe();
    const [agentEnd, edgeEnd] = wire.ends;
    const binds: BindRequest[] = [];
    const session = new PlayedEdge(edgeEnd, this.#answers(binds), this.clock);
    this.bindsOf.push(binds);
    session.authenticate = (request) => {
      this.authRequests.push(request);
      return this.authenticate(request);
    };
    this.wires.push(wire);
    this.sessions.push(session);
    return Promise.resolve(agentEnd);
  };

  /** Gives what is asked for: `NAME.edge.test`, or `random-N`; port 20001 for TCP. */
  given(request: BindRequest): BindReply {
    const bindId = request.bindId || `bind_${this.binds.length}`;
    const { protocol } = request;
    const url = protocol === "tcp" ? "tcp://edge.test:20001" : `${protocol}://${this.#host(request)}`;
    return {
      bindId,
      url,
      protocol,
      wireOptions: answerOptions(protocol, request.wireOptions ?? {}, url),
      extra: { token: request.extra.token || `token_${bindId}`, tunnelId: "tn_1", ginnel: undefined },
    };
  }

  /** The last session, once the edge has let the agent in. */
  get session(): PlayedEdge {
    const last = this.sessions.at(-1);
    if (last === undefined) throw new Error("no session yet");
    return last;
  }

  /** A visitor's stream to the agent. */
  visit(bindId: string, first = ""): { readonly stream: Duplex; readonly heard: RecordingListener } {
    const header = new ProxyHeaderEncoder({ bindId, protocol: "tcp", edgeType: "0", passesTlsThrough: false });
    const stream = this.session.session.openProxy(header, "192.0.2.7:4711", new TextEncoder().encode(first));
    if (stream === undefined) throw new Error("no stream");
    return { stream, heard: new RecordingListener(stream) };
  }

  /** Cuts a connection, the last one unless told, in a way that both sides notice. */
  drop(at = -1): void {
    this.wires.at(at)?.ends[1].reset();
  }

  /** The agent's session of that number, counted from 1, is authenticated. */
  async established(count: number): Promise<void> {
    await eventually(`session ${count} is up`, () => this.authRequests.length >= count);
  }

  #host({ options, extra, protocol }: BindRequest): string {
    if (protocol === "tcp" || !("domain" in options)) return "edge.test";
    if (options.hostname !== "") return options.hostname;
    if (options.domain !== "") return options.domain;
    return `${options.subdomain || `random-${extra.name}`}.edge.test`;
  }

  #answers(binds: BindRequest[]): readonly Answer[] {
    return [
      answer(BIND, (request) => {
        binds.push(request);
        this.binds.push(request);
        return this.bind(request);
      }),
      answer(UNBIND, async ({ bindId }) => {
        this.unbinds.push(bindId);
        await this.unbind();
        return {};
      }),
    ];
  }
}

/** A successful Auth. */
export function replyOf(sessionId: string, resetCodes: boolean, cookie = "cookie"): AuthReply {
  return {
    ...AUTH_REPLY,
    sessionId,
    edge: { ...AUTH_REPLY.edge, cookie, region: "eu", ginnel: { resetCodes, worker: 0, workers: 0 } },
  };
}

/** A successful Auth in one of several processes. */
export function replyFrom(worker: number, workers: number, sessionId = "ts_1"): AuthReply {
  const reply = replyOf(sessionId, true);
  return { ...reply, edge: { ...reply.edge, ginnel: { resetCodes: true, worker, workers } } };
}

export function inUse(): Promise<never> {
  return Promise.reject(new PublicError("ERR_NGROK_334", { url: "https://app.edge.test" }));
}
