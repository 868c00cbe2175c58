/**
 * Visitors who have a part of a response each and wait for the rest, over http, https and tcp: `lasting-visitor.ts NAME HTTP HTTPS TCP`, the
 * ports of 127.0.0.1. Tells as lines of JSON that each has its part, and how each ends.
 */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import process from "node:process";
import type { Lasted } from "./lasting-visitors.ts";

const PATH = "/chunked";

const [name = "", http = "", https = "", tcp = ""] = process.argv.slice(2);

function tell(line: Lasted): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function ask(over: "http" | "https", asked: ClientRequest): void {
  let hasBegun = false;
  // Whichever of the two hears of it.
  const onError = ({ message }: Error): void => tell({ over, what: hasBegun ? "cut" : message });
  asked.on("response", (response: IncomingMessage) => {
    response.once("data", () => {
      hasBegun = true;
      tell({ over, what: "begun" });
    });
    response.on("end", () => tell({ over, what: "whole" }));
    response.on("error", onError);
  });
  asked.on("error", onError);
  asked.end();
}

const usual = { host: "127.0.0.1", path: PATH, headers: { Host: name }, agent: false } as const;
ask("http", httpRequest({ ...usual, port: http }));
// What the edge shows is looked at elsewhere.
ask("https", httpsRequest({ ...usual, port: https, servername: name, rejectUnauthorized: false }));

const socket = connect({ host: "127.0.0.1", port: Number(tcp) });
socket.once("data", () => tell({ over: "tcp", what: "begun" }));
socket.on("error", () => {});
// TCP has no other word for the end of a response.
socket.on("close", () => tell({ over: "tcp", what: "cut" }));
socket.write(`GET ${PATH} HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
