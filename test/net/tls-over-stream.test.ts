import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { duplexContract, type ConnectedPair } from "../support/duplex-contract.ts";
import { tcpPair } from "../support/socket-pair.ts";
import { tlsPair } from "../support/tls-pair.ts";

async function over(plain: readonly [Duplex, Duplex], dispose?: () => void): Promise<ConnectedPair> {
  const [client, server] = await tlsPair(plain);
  return { ends: [client.connection, server.connection], ...(dispose === undefined ? {} : { dispose }) };
}

duplexContract("TLS over a kernel socket", async () => {
  const { ends, dispose } = await tcpPair();
  return over(ends, dispose);
});
duplexContract("TLS over a stream", () => over(pipe()));
