/** The edge's own site for visitors of a worker: the first process answers, to which their requests are brought over HTTP. */
import type { OwnSite } from "../../edge/own-site.ts";

/** Whose request it is; what a visitor says there is lost. */
const VISITOR = "x-ginnel-visitor";

/** `site`: as the first process serves it, of which only the limits count here. */
export function relayedSite(site: OwnSite, socket: string): OwnSite {
  return {
    ...site,
    fetch: async (request, { ip }) => {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set(VISITOR, `${ip} ${request.url}`);
      const { method, signal } = request;
      const body = method === "GET" || method === "HEAD" ? null : await request.bytes();
      return await fetch(`http://localhost${pathname}${search}`, {
        method,
        headers,
        body,
        signal,
        unix: socket,
        redirect: "manual",
        decompress: false,
      });
    },
  };
}

/** Answers at the socket until disposed of. */
export function serveRelayedSite(site: OwnSite, socket: string): AsyncDisposable {
  const server = Bun.serve({
    unix: socket,
    maxRequestBodySize: site.maxBodyBytes,
    fetch: async (relayed) => {
      const headers = new Headers(relayed.headers);
      const [ip = "", url = ""] = (headers.get(VISITOR) ?? "").split(" ");
      headers.delete(VISITOR);
      const { method, signal } = relayed;
      const body = method === "GET" || method === "HEAD" ? null : await relayed.bytes();
      return await site.fetch(new Request(url, { method, headers, body, signal }), { ip });
    },
  });
  return { [Symbol.asyncDispose]: () => server.stop(true) };
}
