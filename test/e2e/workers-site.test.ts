/** The edge's own site, as visitors of each of its processes see it. */
import { expect, test } from "bun:test";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { visit } from "../support/visit.ts";

/** So many come to both processes, but for a chance of one in a million. */
const VISITORS = 20;
const HOST = `api.${EDGE_DOMAIN}`;

test("the management API answers visitors of all processes alike", async () => {
  await using edge = await EdgeProcess.start("--workers=2", "--access-log=log");
  await edge.logged("worker ready", "");
  const where = { port: edge.ports.https, caPem: edge.caPem };
  const headers = { Authorization: `Bearer ${edge.apiKey}`, "Ngrok-Version": "2", "Content-Type": "application/json" };
  const made = Array.from({ length: VISITORS }, async (_, at) => {
    const body = Buffer.from(JSON.stringify({ domain: `d${at}.${EDGE_DOMAIN}` }));
    return await visit(HOST, { ...where, method: "POST", path: "/reserved_domains", headers, body });
  });
  expect(new Set((await Promise.all(made)).map(({ status }) => status))).toEqual(new Set([201]));
  const strangers = Array.from({ length: VISITORS }, () => visit(HOST, { ...where, path: "/api_keys" }));
  expect(new Set((await Promise.all(strangers)).map(({ status }) => status))).toEqual(new Set([401]));
  const ofWorker = (line: string): boolean => line.includes('"obj":"access"') && line.includes('"worker":"2"');
  await edge.log.find((line) => (ofWorker(line) ? true : undefined));
  expect(edge.faultsLogged).toEqual([]);
}, 60_000);
