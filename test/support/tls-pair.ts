/** Both ends of a TLS connection over any pair of connected ends. */
import type { Duplex } from "../../src/net/duplex.ts";
import { connectTls, type TlsConnectOptions, type TlsDialled } from "../../src/net/tls-client.ts";
import { clientTlsContext, serverTlsContext } from "../../src/net/tls-context.ts";
import { acceptTls, type TlsAcceptOptions, type TlsConnection } from "../../src/net/tls-server.ts";
import { makeTestCertificates } from "./test-certificates.ts";

export const certificates = await makeTestCertificates();
export const serverContext = serverTlsContext(certificates.server, { clientCa: [certificates.caPem] });
export const clientContext = clientTlsContext([certificates.caPem]);

export interface TlsPairOptions {
  readonly client?: Partial<TlsConnectOptions> | undefined;
  readonly server?: Partial<TlsAcceptOptions> | undefined;
}

/** Waits for the ClientHello, like a port that reads it first. */
export function acceptAfterHello(plain: Duplex, options: Partial<TlsAcceptOptions> = {}): Promise<TlsConnection> {
  const { promise, resolve } = Promise.withResolvers<TlsConnection>();
  plain.listen({
    onData: (hello) => resolve(acceptTls(plain, hello, { context: serverContext, ...options })),
    onDrain: () => {},
    onEnd: () => {},
    onClose: () => {},
  });
  return promise;
}

/** How the handshake went at either end. */
export function shakeHands(
  [near, far]: readonly [Duplex, Duplex],
  { client = {}, server = {} }: TlsPairOptions = {},
): Promise<[PromiseSettledResult<TlsDialled>, PromiseSettledResult<TlsConnection>]> {
  return Promise.allSettled([
    connectTls(near, { context: clientContext, serverName: "good.test", verify: true, ...client }),
    acceptAfterHello(far, server),
  ]);
}

/** The dialling end first. */
export async function tlsPair(
  plain: readonly [Duplex, Duplex],
  options: TlsPairOptions = {},
): Promise<readonly [TlsDialled, TlsConnection]> {
  const [client, server] = await shakeHands(plain, options);
  if (client.status === "rejected") throw client.reason;
  if (server.status === "rejected") throw server.reason;
  return [client.value, server.value];
}
