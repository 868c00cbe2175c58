/** A TLS connection that did not come about. No byte of the payload was sent. */
export class TlsHandshakeError extends Error {
  override readonly name = "TlsHandshakeError";
  /** System name (`ECONNRESET`, `ETIMEDOUT`), `EPROTO`, `ABORT_ERR`, or OpenSSL's word for what is wrong with a certificate. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** From an error of Bun; without one the peer just went away. */
  static of(error: Error | undefined): TlsHandshakeError {
    if (error === undefined) return new TlsHandshakeError("ECONNRESET", "closed during the handshake");
    const code = "code" in error && typeof error.code === "string" ? error.code : "EPROTO";
    return new TlsHandshakeError(code, error.message, { cause: error });
  }
}
