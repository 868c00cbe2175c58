import type { Duplex } from "../net/duplex.ts";

const NOTHING = new Uint8Array(0);

/**
 * Listens to a connection that nobody else listens to while its owner waits for `over`, which never rejects. Resolves behind that, with
 * what came meanwhile: one piece at most, then the peer has to wait. `onLeft` hears at once that the peer has gone; then `over` shall
 * be. Nothing more is heard until somebody else listens to the connection, and resumes it.
 */
export async function watchedWait(connection: Duplex, over: Promise<void>, onLeft: () => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  connection.listen({
    onData: (bytes) => {
      pieces.push(bytes);
      connection.pause();
    },
    onDrain: () => {},
    onEnd: onLeft,
    onClose: onLeft,
  });
  connection.resume();
  await over;
  if (connection.release === undefined) connection.pause();
  else connection.release(NOTHING);
  return pieces.length === 0 ? NOTHING : Buffer.concat(pieces);
}
