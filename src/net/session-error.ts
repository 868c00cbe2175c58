/** Why one of our calls got no answer from the peer. A refusal is a RemoteError, nonsense a ProtocolError. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  /** `no stream`: the session is up, but has as many streams as it may. */
  readonly reason: "timed out" | "stream reset" | "no stream" | "session ended";

  constructor(reason: SessionError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}
