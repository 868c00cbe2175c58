/** A call of the agent API with the header fields and the patience of the Python wrapper. */
import { request } from "node:http";

/** After so long the wrapper gives a request up (clients.md K-138). */
const REQUEST_MS = 4_000;

export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

/** One request as Python's urllib sends it; rejects when there is no answer in time. */
export function callApi(base: string, method: string, path: string, body?: object): Promise<ApiAnswer> {
  const { hostname, port, host } = new URL(base);
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: hostname.replaceAll(/[[\]]/g, ""),
        port,
        path,
        method,
        agent: false,
        signal: AbortSignal.timeout(REQUEST_MS),
        headers: {
          "Accept-Encoding": "identity",
          ...(bytes === undefined ? {} : { "Content-Length": String(Buffer.byteLength(bytes)) }),
          Host: host,
          "User-Agent": "Python-urllib/3.12",
          "Content-Type": "application/json",
          Connection: "close",
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"],
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.on("error", reject);
    call.end(bytes);
  });
}
