import type { Duplex } from "./duplex.ts";
import { SocketDuplex } from "./socket-duplex.ts";
import { loopThroughSocket } from "./socket-loop.ts";
import { upgradeToTls, type Upgraded, type UpgradeOptions, type UpgradeRole } from "./tls-upgrade.ts";

/** A connection inside TLS, with the socket to ask about certificate and protocol. */
export type UpgradedAny = Omit<Upgraded, "connection"> & { readonly connection: Duplex };

/**
 * The TLS handshake over any connection: a kernel socket as it is; a multiplexed stream, or TLS once more, through a socket
 * of this process. `plain` is used up, whatever happens.
 * @throws TlsHandshakeError
 */
export function upgradeAny(plain: Duplex, options: UpgradeOptions, role: UpgradeRole): Promise<UpgradedAny> {
  if (plain instanceof SocketDuplex && !plain.isTls) return upgradeToTls(plain, role, options);
  return upgradeThroughLoop(plain, options, role);
}

async function upgradeThroughLoop(plain: Duplex, options: UpgradeOptions, role: UpgradeRole): Promise<UpgradedAny> {
  const loop = await loopThroughSocket(plain, options);
  const upgraded = await upgradeToTls(loop.inner, role, options).catch((failure: unknown) => {
    loop.abandon();
    throw failure;
  });
  return { ...upgraded, connection: loop.wrap(upgraded.connection) };
}
