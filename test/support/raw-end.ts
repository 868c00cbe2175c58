/** One end of a visitor's or an upstream's connection in the hands of a test, byte by byte. */
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { RecordingListener, USUAL_PATIENCE_MS } from "./recording-listener.ts";
import type { Place } from "./tunnel-system.ts";

export class RawEnd {
  readonly connection: Duplex;
  readonly heard: RecordingListener;

  /** The patience is that of {@link RecordingListener}. */
  constructor(connection: Duplex, patienceMs?: number) {
    this.connection = connection;
    this.heard = new RecordingListener(connection, patienceMs);
  }

  /** Bytes of a text in Latin 1. */
  send(text: string): void {
    this.connection.write(Buffer.from(text, "latin1"));
  }

  /** Everything heard so far, once this text is in it. */
  async gets(text: string): Promise<string> {
    await this.heard.until(() => this.heard.text.includes(text));
    return this.heard.text;
  }

  /** Everything heard, once the peer has ended its direction in order. */
  async getsEnd(): Promise<string> {
    await this.heard.until(() => this.heard.hasEnded || this.heard.isClosed);
    if (this.heard.cause !== undefined) throw new Error(`cut: ${this.heard.cause.code}; heard ${this.heard.text}`);
    return this.heard.text;
  }

  /** Everything heard before the peer cut the connection. */
  async getsCut(): Promise<string> {
    await this.heard.until(() => this.heard.cause !== undefined);
    return this.heard.text;
  }
}

/** A visitor with a connection of its own; patient with every step. */
export async function rawVisitor(
  { scheme, host, port, caPem }: Place,
  patienceMs: number = USUAL_PATIENCE_MS,
): Promise<RawEnd> {
  const plain = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: patienceMs });
  if (scheme === "http") return new RawEnd(plain, patienceMs);
  const tls = { context: clientTlsContext([caPem]), serverName: host, verify: true, timeoutMs: patienceMs };
  return new RawEnd((await connectTls(plain, tls)).connection, patienceMs);
}
