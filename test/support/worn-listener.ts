import { dialTcp } from "../../src/net/tcp-dial.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { type ListenOptions, type Listening, listenTcp, QUEUE_LIMIT } from "../../src/net/tcp-listen.ts";
import { RecordingListener } from "./recording-listener.ts";

/** Listens on 127.0.0.1 and has accepted as many as get their options one by one: all others have them from the listening socket. */
export async function wornListener(
  onConnection: (connection: SocketDuplex) => void,
  options: ListenOptions = {},
): Promise<Listening> {
  let accepted = 0;
  const listening = listenTcp(
    { hostname: "127.0.0.1", port: 0 },
    (connection) => {
      accepted += 1;
      if (accepted > QUEUE_LIMIT) onConnection(connection);
      else connection.reset();
    },
    options,
  );
  for (let number = 1; number <= QUEUE_LIMIT; number += 1) {
    const heard = new RecordingListener(
      await dialTcp({ host: "127.0.0.1", port: listening.port }, { timeoutMs: 5_000 }),
    );
    await heard.until(() => heard.isClosed);
  }
  return listening;
}
