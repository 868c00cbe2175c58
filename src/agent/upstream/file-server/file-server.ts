/**
 * The service behind a `file:///folder` upstream: answers HTTP/1.1 on connections that are handed to it, without a port or a
 * socket file of its own, so it works where nothing can be written and no other user of the machine can reach it.
 *
 * Knows files, not tunnels. Names with a leading dot are served like all others; nothing outside the folder is.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { nodeStream } from "../../../net/node-stream.ts";
import type { Duplex } from "../../../net/duplex.ts";
import { faultFacts } from "../../../telemetry/fault-facts.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { type EnclosedFile, type EnclosedFolder, openEnclosed } from "./enclosed-file.ts";
import { folderPage, readFolder } from "./folder-page.ts";
import { sendFailure } from "./failure-page.ts";
import { sendFile } from "./send-file.ts";
import { encodeServedPath, parseServedPath, type ServedPath } from "./served-path.ts";

const FOLDER_INDEX = "index.html";

/**
 * Answers that are not wholly handed over yet. Each holds a descriptor, and two pieces of its file in memory, for as long as its visitor takes
 * to read them.
 */
export const MAX_ANSWERS = 500;
/** What those who are too many are told to wait. */
const RETRY_AFTER_SECONDS = "1";

export class FileServer {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #http: Server;
  #answers = 0;

  /** `folder` is an absolute path. It may come, go and change while it is served. */
  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
    this.#http = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }); // deadlines are the edge's
    this.#http.on("request", (request, response) => this.#receive(request, response));
    this.#http.on("clientError", (_error, socket) => {
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      else socket.destroy();
    });
  }

  /** Takes the connection over and answers requests on it until it ends. */
  serve(connection: Duplex): void {
    this.#http.emit("connection", nodeStream(connection));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    if (this.#answers >= MAX_ANSWERS) {
      response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
      return sendFailure(request, response, 503);
    }
    this.#answers += 1;
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    const answered = this.#answer(request, response).catch((error: unknown) => this.#fail(error, request, response));
    void Promise.all([answered, closed]).then(() => {
      this.#answers -= 1;
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return sendFailure(request, response, 405);
    }
    const path = parseServedPath(request.url ?? "", process.platform);
    if (path === undefined) return sendFailure(request, response, 400);
    if (path.asksForFolder && (await this.#sendIndex(request, response, path.names))) return;
    const found = await openEnclosed(this.#folder, path.names);
    if (found === "absent") return sendFailure(request, response, 404);
    if (found === "forbidden") return sendFailure(request, response, 403);
    try {
      await this.#show(request, response, { path, found });
    } finally {
      await found.close();
    }
  }

  /** False where there is none. The folder itself stays closed: a visitor costs one descriptor. */
  async #sendIndex(request: IncomingMessage, response: ServerResponse, names: readonly string[]): Promise<boolean> {
    const index = await openEnclosed(this.#folder, [...names, FOLDER_INDEX]);
    if (typeof index === "string") return false;
    try {
      if (index.kind === "file") await sendFile(request, response, { file: index, name: FOLDER_INDEX });
      return index.kind === "file";
    } finally {
      await index.close();
    }
  }

  async #show(
    request: IncomingMessage,
    response: ServerResponse,
    { path, found }: { readonly path: ServedPath; readonly found: EnclosedFile | EnclosedFolder },
  ): Promise<void> {
    const { names, asksForFolder, query } = path;
    if (found.kind === "folder") {
      // Links of a page are relative to its folder, so its address has to end with a slash.
      if (!asksForFolder) return redirect(response, encodeServedPath(names, true) + query);
      return await showFolder(request, response, { names, found });
    }
    if (asksForFolder) return redirect(response, encodeServedPath(names, false) + query);
    await sendFile(request, response, { file: found, name: names.at(-1) ?? "" });
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed || response.socket?.destroyed === true) return; // the visitor went away meanwhile
    this.#log.error("file not served", faultFacts(error));
    if (response.headersSent) response.destroy();
    else sendFailure(request, response, 500);
  }
}

async function showFolder(
  request: IncomingMessage,
  response: ServerResponse,
  { names, found }: { readonly names: readonly string[]; readonly found: EnclosedFolder },
): Promise<void> {
  const page = await folderPage(names, await readFolder(found.stablePath));
  response.writeHead(200, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(page),
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : page);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { Location: location, "Content-Length": 0 }).end();
}
