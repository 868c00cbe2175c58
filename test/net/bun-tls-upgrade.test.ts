/**
 * What src/net/tls-upgrade.ts takes from Bun without a document that promises it, asked of Bun alone. When one of these
 * fails, the new Bun must not be taken: docs/design.md, "TLS on an accepted socket", says what then.
 */
import { afterEach, expect, test } from "bun:test";
import { createSecureContext } from "node:tls";
import { certificates } from "../support/tls-pair.ts";

const opened: Array<() => void> = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Upgraded {
  readonly socket: Bun.Socket;
  readonly ok: boolean;
}

/** Accepts one connection, reads from it, and only then goes on as a TLS server. */
function upgradingServer(identity: typeof certificates.server): { port: number; upgraded: Promise<Upgraded> } {
  const { promise, resolve } = Promise.withResolvers<Upgraded>();
  const { context } = createSecureContext({ cert: identity.certPem, key: identity.keyPem });
  let isUpgraded = false;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: {
      binaryType: "uint8array",
      data: (plain, hello: Uint8Array) => {
        if (isUpgraded) return; // the raw socket goes on hearing what is encrypted
        isUpgraded = true;
        const undocumented = { isServer: true, initialData: Buffer.from(hello), secureContext: context };
        plain.upgradeTLS({
          ...undocumented,
          data: undefined,
          tls: { ALPNProtocols: Buffer.from("\x02h2\x08http/1.1"), requestCert: false, rejectUnauthorized: false },
          socket: {
            binaryType: "uint8array",
            handshake: (socket, ok) => resolve({ socket, ok }),
            data: (socket, bytes: Uint8Array) => {
              socket.write(bytes, 0, bytes.length);
            },
            end: (socket) => {
              socket.write(Buffer.from(" after your end"), 0, 15);
              socket.shutdown();
            },
          },
        });
      },
    },
  });
  opened.push(() => listener.stop(true));
  return { port: listener.port, upgraded: promise };
}

test("Bun.Socket.upgradeTLS goes on as a server behind a ClientHello that was read, with the certificate of the context", async () => {
  const { port, upgraded } = upgradingServer(certificates.server);
  const shook = Promise.withResolvers<boolean>();
  const closed = Promise.withResolvers<void>();
  let heard = "";
  const visitor = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    data: undefined,
    allowHalfOpen: true,
    tls: { serverName: "good.test", ca: certificates.caPem, ALPNProtocols: Buffer.from("\x08http/1.1") },
    socket: {
      handshake: (socket, ok) => {
        shook.resolve(ok);
        socket.write(Buffer.from("echo"), 0, 4);
      },
      data: (socket, bytes) => {
        heard += Buffer.from(bytes).toString();
        if (heard === "echo") socket.shutdown();
      },
      close: () => closed.resolve(),
    },
  });
  opened.push(() => visitor.terminate());
  expect(await shook.promise).toBe(true);
  const server = await upgraded;
  expect([server.ok, server.socket.alpnProtocol]).toEqual([true, "http/1.1"]);
  await closed.promise;
  expect(heard).toBe("echo after your end");
});

test("Bun.Socket.upgradeTLS presents no other certificate than that of the context", async () => {
  const { port } = upgradingServer(certificates.stranger);
  const shook = Promise.withResolvers<boolean>();
  const visitor = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    data: undefined,
    tls: { serverName: "good.test", ca: certificates.caPem, rejectUnauthorized: true },
    socket: { handshake: (_socket, ok) => shook.resolve(ok), data: () => {} },
  });
  opened.push(() => visitor.terminate());
  expect(await shook.promise).toBe(false);
});

test("createSecureContext carries the native object that upgradeTLS takes", () => {
  expect(createSecureContext({}).context).toBeObject();
});
