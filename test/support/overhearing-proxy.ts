/** A proxy (CONNECT of RFC 9110 section 9.3.6) on this machine that lets everybody pass, and keeps the credentials that it was shown. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export class OverhearingProxy implements AsyncDisposable {
  /** `Proxy-Authorization` of everybody who came. */
  readonly credentials: string[] = [];
  readonly #server: Server = createServer();
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<OverhearingProxy> {
    const proxy = new OverhearingProxy();
    proxy.#server.on("connect", ({ url = "", headers }, near: Socket) => {
      proxy.credentials.push(headers["proxy-authorization"] ?? "");
      const far = connect({ host: "127.0.0.1", port: Number(url.split(":").at(-1)) }, () => {
        near.write("HTTP/1.1 200 OK\r\n\r\n");
        near.pipe(far).pipe(near);
      });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.#sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // it listens at a port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
