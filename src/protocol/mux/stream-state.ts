/** The life of a stream, as a table: which frames may leave and arrive when, and where they lead (protocol.md section 2). */
export type StreamState = "open" | "localEnded" | "remoteEnded" | "ended" | "reset";

export type StreamMove = "sendFin" | "receiveData" | "receiveFin" | "sendReset" | "receiveReset";

/** Every move we make or accept. One that is missing is not made by us, and a violation when it is made by the peer. */
const MOVES: Readonly<Record<StreamState, Partial<Readonly<Record<StreamMove, StreamState>>>>> = {
  open: {
    sendFin: "localEnded",
    receiveData: "open",
    receiveFin: "remoteEnded",
    sendReset: "reset",
    receiveReset: "reset",
  },
  localEnded: { receiveData: "localEnded", receiveFin: "ended", sendReset: "reset", receiveReset: "reset" },
  // A second FIN says nothing new, so it is let pass.
  remoteEnded: { sendFin: "ended", receiveFin: "remoteEnded", sendReset: "reset", receiveReset: "reset" },
  ended: { receiveFin: "ended", receiveReset: "ended" },
  // What was under way when we reset; real agents answer a reset with an empty FIN.
  reset: { receiveData: "reset", receiveFin: "reset", receiveReset: "reset" },
};

/** Where the move leads; undefined when it is not allowed. */
export function nextState(state: StreamState, move: StreamMove): StreamState | undefined {
  return MOVES[state][move];
}
