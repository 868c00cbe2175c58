/** What a visitor says first in TLS, out of a handshake that nobody answers. */
import { pipe } from "../../src/net/pipe.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { RecordingListener } from "./recording-listener.ts";
import { clientContext } from "./tls-pair.ts";

const RECORD_HEADER_BYTES = 5;

/** A whole ClientHello, in its record. */
export async function clientHello(serverName: string): Promise<Uint8Array> {
  const [near, far] = pipe();
  const heard = new RecordingListener(far);
  const stop = new AbortController();
  const dialled = connectTls(near, { context: clientContext, serverName, verify: true, signal: stop.signal });
  const ended = dialled.catch(() => {});
  const isWhole = (): boolean =>
    heard.bytesHeard >= RECORD_HEADER_BYTES && heard.bytesHeard >= RECORD_HEADER_BYTES + heard.heard.readUInt16BE(3);
  await heard.until(isWhole);
  stop.abort();
  await ended;
  return heard.heard;
}
