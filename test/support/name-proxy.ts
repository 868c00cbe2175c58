/** Proxies that find every name on this machine, and remember what they were asked. For names that nobody resolves. */
import { parseHostPort } from "../../src/base/host-port.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { splice } from "../../src/net/splice.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";

/** `host:port` of each request, with `user:password@` in front when credentials came with it. */
export interface NameProxy extends Disposable {
  readonly port: number;
  readonly asked: readonly string[];
}

/** HTTP CONNECT. */
export function httpNameProxy(): NameProxy {
  return nameProxy(async (visitor) => {
    const head = (await visitor.read((bytes) => sizeUpTo(bytes, "\r\n\r\n"))).toString("latin1");
    const [, target = ""] = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head) ?? [];
    const [, basic] = /^Proxy-Authorization: Basic (\S+)\r$/im.exec(head) ?? [];
    const credentials = basic === undefined ? "" : `${Buffer.from(basic, "base64").toString()}@`;
    return { target, credentials, accepted: Buffer.from("HTTP/1.1 200 OK\r\n\r\n") };
  });
}

/** SOCKS version 5 (RFC 1928), with a login (RFC 1929) when one is offered. */
export function socksNameProxy(): NameProxy {
  return nameProxy(async (visitor) => {
    const methods = await visitor.read((bytes) => (bytes.length < 2 ? undefined : 2 + (bytes[1] ?? 0)));
    const wantsLogin = methods.subarray(2).includes(2);
    visitor.connection.write(Uint8Array.of(5, wantsLogin ? 2 : 0));
    let credentials = "";
    if (wantsLogin) {
      const user = await visitor.readCounted(1);
      const password = await visitor.readCounted(0);
      credentials = `${user.toString()}:${password.toString()}@`;
      visitor.connection.write(Uint8Array.of(1, 0));
    }
    const host = await visitor.readCounted(4);
    const port = (await visitor.read(() => 2)).readUInt16BE();
    return {
      target: `${host.toString()}:${port}`,
      credentials,
      accepted: Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0),
    };
  });
}

interface Request {
  readonly target: string;
  readonly credentials: string;
  readonly accepted: Uint8Array;
}

function nameProxy(negotiate: (visitor: Visitor) => Promise<Request>): NameProxy {
  const asked: string[] = [];
  const serve = async (connection: SocketDuplex): Promise<void> => {
    const visitor = new Visitor(connection);
    const { target, credentials, accepted } = await negotiate(visitor);
    asked.push(`${credentials}${target}`);
    const port = parseHostPort(target)?.port ?? 0;
    const far = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
    connection.write(accepted);
    splice(connection, far, { toSecond: visitor.rest });
  };
  const listening: Listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => {
    serve(connection).catch(() => connection.reset());
  });
  return { port: listening.port, asked, [Symbol.dispose]: () => listening.close() };
}

/** Reads as much as each step of a handshake needs. */
class Visitor {
  readonly connection: SocketDuplex;
  /** Came, and was not read. */
  rest = Buffer.alloc(0);
  #onMore = (): void => {};

  constructor(connection: SocketDuplex) {
    this.connection = connection;
    connection.listen({
      onData: (bytes) => {
        this.rest = Buffer.concat([this.rest, bytes]);
        this.#onMore();
      },
      onDrain: () => {},
      onEnd: () => connection.reset(),
      onClose: () => {},
    });
  }

  /** Waits until `size` answers how many bytes there are to take, and they are here. */
  async read(size: (bytes: Buffer) => number | undefined): Promise<Buffer> {
    for (;;) {
      const wanted = size(this.rest);
      if (wanted !== undefined && this.rest.length >= wanted) {
        const taken = this.rest.subarray(0, wanted);
        this.rest = this.rest.subarray(wanted);
        return taken;
      }
      await new Promise<void>((resolve) => {
        this.#onMore = resolve;
      });
    }
  }

  /** What follows `skipped` bytes and a byte with its length. */
  async readCounted(skipped: number): Promise<Buffer> {
    const bytes = await this.read((all) => (all.length <= skipped ? undefined : skipped + 1 + (all[skipped] ?? 0)));
    return bytes.subarray(skipped + 1);
  }
}

function sizeUpTo(bytes: Buffer, end: string): number | undefined {
  const at = bytes.indexOf(end);
  return at === -1 ? undefined : at + end.length;
}
