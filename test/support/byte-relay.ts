/** A relay on this machine that lets a test decide how what a visitor sends arrives. */
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";

/** Takes each piece of the visitor, and `far`, which it writes to now or later. */
export type Forwarding = (bytes: Uint8Array, far: Duplex) => void;

/** Octet by octet. */
export const oneByOne: Forwarding = (bytes, far) => {
  for (const octet of bytes) far.write(Uint8Array.of(octet));
};

/** As it came. */
export const unchanged: Forwarding = (bytes, far) => void far.write(bytes);

/** Listens on the host, and dials the port of 127.0.0.1. Answers go back as they come. */
export function byteRelay(port: number, forward: Forwarding, hostname = "127.0.0.1"): Listening {
  return listenTcp({ hostname, port: 0 }, (near) => {
    near.pause();
    void dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 }).then((far) => {
      join(far, near, (bytes) => near.write(bytes));
      join(near, far, (bytes) => forward(bytes, far));
      near.resume();
    });
  });
}

function join(from: Duplex, to: Duplex, onData: (bytes: Uint8Array) => void): void {
  from.listen({
    onData,
    onDrain: () => {},
    onEnd: () => to.end(),
    onClose: (cause) => {
      if (cause !== undefined) to.reset();
    },
  });
}
