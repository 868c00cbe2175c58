import { unlinkSync } from "node:fs";
import { formatHostPort } from "../base/host-port.ts";
import { UsageError } from "../base/errors.ts";
import { warnOfFault } from "./faults.ts";
import { handDown } from "./handed-down.ts";
import { SocketDuplex, type SocketOptions } from "./socket-duplex.ts";
import { limitUnsent } from "./unsent-limit.ts";

/** `hostname` is an address or a name of this machine; port 0 takes any free one. */
export type ListenAddress =
  | {
      readonly hostname: string;
      readonly port: number;
      /**
       * Lets other processes that ask for it too listen on the same port; the kernel spreads visitors evenly. `first`: nobody listens there
       * yet, or it is taken; the others are `further` ones.
       */
      readonly sharing?: PortSharing | undefined;
    }
  | { readonly unix: string };

export type PortSharing = "first" | "further";

export interface ListenOptions extends SocketOptions {
  /** From this much silence on the kernel asks whether the peer of a connection is there. Default: never. */
  readonly keepAliveMs?: number;
}

export interface Listening extends Disposable {
  /** The address bound; the path of a unix socket. */
  readonly hostname: string;
  /** The port bound; 0 for a unix socket. */
  readonly port: number;
  /** Frees the port; open connections go on. */
  stopAccepting(): void;
  /** Frees the port and cuts every connection that came through it. */
  close(): void;
}

/**
 * Those that came before anything was handed down are no more than wait in the kernel for being accepted. Bun 1.4.5 asks for a queue of
 * 512, and Linux takes in one more.
 */
export const QUEUE_LIMIT = 513;

const BIND_FAILURES: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  EADDRINUSE: ["address already in use", "Stop the program that listens there, or choose another port."],
  EACCES: ["permission denied", "Choose a port above 1023, or allow this program to bind low ports."],
  EADDRNOTAVAIL: ["cannot assign requested address", "Choose an address that this machine has."],
};

/**
 * Listens and hands over every connection, half-open capable, from inside the accept: what `onConnection` throws resets
 * that connection only.
 * @throws UsageError when the address cannot be bound; it names the address, the reason and the remedy.
 */
export function listenTcp(
  address: ListenAddress,
  onConnection: (connection: SocketDuplex) => void,
  options: ListenOptions = {},
): Listening {
  const { onFault = warnOfFault, keepAliveMs } = options;
  let early = Number.POSITIVE_INFINITY;
  const shared = {
    allowHalfOpen: true,
    socket: {
      ...SocketDuplex.events,
      open(socket: Bun.Socket<SocketDuplex>): void {
        const connection = new SocketDuplex(options);
        socket.data = connection;
        connection.attach(socket);
        if (early > 0) {
          early -= 1;
          limitUnsent(socket);
          if (keepAliveMs !== undefined) socket.setKeepAlive(true, keepAliveMs);
        }
        try {
          onConnection(connection);
        } catch (fault) {
          onFault(fault);
          connection.reset();
        }
      },
    },
  };
  try {
    if ("unix" in address) return listenUnix(address.unix, shared);
    const listener = listenPort({ ...address, ...shared });
    if (handDown(listener, keepAliveMs)) early = QUEUE_LIMIT;
    return listening(listener.hostname, listener.port, (cut) => listener.stop(cut));
  } catch (cause) {
    throw bindFailure(address, cause);
  }
}

type SharedOptions = Pick<Bun.TCPSocketListenOptions<SocketDuplex>, "allowHalfOpen" | "socket">;

interface PortOptions extends SharedOptions {
  readonly hostname: string;
  readonly port: number;
  readonly sharing?: PortSharing | undefined;
}

function listenPort({ sharing, ...options }: PortOptions): Bun.TCPSocketListener<SocketDuplex> {
  // The kernel lets anybody of the same user in who shares, also a second edge that was started by mistake.
  if (sharing === "first" && options.port !== 0) Bun.listen<SocketDuplex>(options).stop(true);
  const shared: Bun.TCPSocketListenOptions<SocketDuplex> & { readonly reusePort: boolean } = {
    ...options,
    reusePort: sharing !== undefined,
  };
  return Bun.listen<SocketDuplex>(shared);
}

function listenUnix(path: string, shared: SharedOptions): Listening {
  const listener = Bun.listen<SocketDuplex>({ unix: path, ...shared });
  return listening(path, 0, (cut) => {
    listener.stop(cut);
    removeSocketFile(path);
  });
}

function listening(hostname: string, port: number, stop: (cut: boolean) => void): Listening {
  const close = (): void => stop(true);
  return { hostname, port, stopAccepting: () => stop(false), close, [Symbol.dispose]: close };
}

function removeSocketFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Already gone.
  }
}

/** Whether somebody else has the address. */
export function isAddressInUse(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
}

/** Why an address cannot be listened on, for whoever chose it; names the address, the reason and the remedy. */
export function bindFailure(address: ListenAddress, cause: unknown): UsageError {
  const where =
    "unix" in address
      ? `unix ${address.unix}`
      : `tcp ${formatHostPort({ host: address.hostname, port: address.port })}`;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const fallback = [cause instanceof Error ? cause.message : String(cause), "Check the address."] as const;
  const [reason, remedy] = BIND_FAILURES[code] ?? fallback;
  return new UsageError(`listen ${where}: bind: ${reason}. ${remedy}`, { cause });
}
