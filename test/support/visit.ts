/** A visitor of an edge on this machine: the connection goes to 127.0.0.1, the name stands in SNI and Host only. */
import { type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Visit {
  readonly port: number;
  /** For https; it must vouch for the edge. */
  readonly caPem?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Visited {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** One request on a connection of its own. */
export function visit(
  host: string,
  { port, caPem, path = "/", method = "GET", headers, body }: Visit,
): Promise<Visited> {
  const options: RequestOptions = {
    host: "127.0.0.1",
    port,
    path,
    method,
    agent: false,
    headers: { Host: host, Connection: "close", ...headers },
  };
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    };
    const request =
      caPem === undefined
        ? httpRequest(options, onResponse)
        : httpsRequest({ ...options, ca: caPem, servername: host, rejectUnauthorized: true }, onResponse);
    request.on("error", reject);
    request.end(body);
  });
}

/** A visitor of a public http or https URL; `caPem` vouches for the edge of an https URL. */
export function visitUrl(url: string, caPem: string, more: Omit<Visit, "port" | "caPem"> = {}): Promise<Visited> {
  const { protocol, hostname, port } = new URL(url);
  return visit(hostname, { port: Number(port), ...(protocol === "https:" ? { caPem } : {}), ...more });
}
