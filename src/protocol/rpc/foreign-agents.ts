/** What an edge must know about the agents of others (protocol.md sections 2, 4, 7 and 10), as data. */

export interface AgentTraits {
  /** Open streams per session, those of both openers together; one more may end the session. */
  readonly maxStreams: number;
  /** A reset does not reach an idle upstream connection: send an empty FIN, then the reset. */
  readonly abortNeedsFinFirst: boolean;
  /** A FIN from the edge closes the upstream socket, and replies under way are lost. */
  readonly halfCloseClosesUpstream: boolean;
  /** A Stop, Restart or Update that the agent does not support gets an answer. */
  readonly answersUnsupportedCommands: boolean;
  /** StopTunnel has no effect after a reconnect. */
  readonly mayIgnoreStopTunnel: boolean;
  /** For an http upstream that cannot be reached the agent sends a page of its own. */
  readonly answersFailedDialItself: boolean;
  /** As a sender it uses credit beyond the first window. */
  readonly usesLargerWindows: boolean;
  /** It sends with Nagle's algorithm, so each read wants an answer at once, or its next segment waits 40 ms for an ACK. */
  readonly delaysSmallSegments: boolean;
  /** Gives and understands the codes of protocol/mux/reset-codes.ts. */
  readonly understandsResetCodes: boolean;
}

/** Enough for a busy site on one session; what memory it may take is bounded by windows. */
const GINNEL_STREAMS = 60_000;
const GO_STREAMS = 60_000;
/** Rust ends the session at 513; its own heartbeat and calls count. */
const RUST_STREAMS = 500;

const ginnel: AgentTraits = {
  maxStreams: GINNEL_STREAMS,
  abortNeedsFinFirst: false,
  halfCloseClosesUpstream: false,
  answersUnsupportedCommands: true,
  mayIgnoreStopTunnel: false,
  answersFailedDialItself: false,
  usesLargerWindows: true,
  delaysSmallSegments: false,
  understandsResetCodes: true,
};

const go: AgentTraits = {
  maxStreams: GO_STREAMS,
  abortNeedsFinFirst: false,
  halfCloseClosesUpstream: true,
  answersUnsupportedCommands: false,
  mayIgnoreStopTunnel: false,
  answersFailedDialItself: false,
  usesLargerWindows: true,
  delaysSmallSegments: false,
  understandsResetCodes: false,
};

const rust: AgentTraits = {
  maxStreams: RUST_STREAMS,
  abortNeedsFinFirst: true,
  halfCloseClosesUpstream: false,
  answersUnsupportedCommands: true,
  mayIgnoreStopTunnel: true,
  answersFailedDialItself: true,
  usesLargerWindows: false,
  delaysSmallSegments: true,
  understandsResetCodes: false,
};

/** Nothing is known, so everything that may go wrong does. */
const unknown: AgentTraits = { ...rust, halfCloseClosesUpstream: true, answersUnsupportedCommands: false };

/** The first that matches counts. Wrappers of the Rust core name it in their user agent. */
const KINDS: readonly { readonly userAgent: RegExp; readonly clientType: RegExp; readonly traits: AgentTraits }[] = [
  { clientType: /^ginnel$/, userAgent: /^ginnel\//, traits: ginnel },
  { clientType: /^ngrok-(rust|javascript|python|java)$/, userAgent: /\bngrok-rust\//, traits: rust },
  { clientType: /^ngrok-go$/, userAgent: /^ngrok-go\//, traits: go },
];

/** Traits of an agent by what it tells in Auth. Neither field is trusted with more than the agent's own service. */
export function agentTraits(agent: { readonly clientType: string; readonly userAgent: string }): AgentTraits {
  const kind = KINDS.find(
    ({ clientType, userAgent }) => clientType.test(agent.clientType) || userAgent.test(agent.userAgent),
  );
  return kind?.traits ?? unknown;
}

/** For a session before Auth. */
export const UNKNOWN_AGENT: AgentTraits = unknown;
