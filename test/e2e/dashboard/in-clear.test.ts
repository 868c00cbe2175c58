/** Where an edge shows its dashboard without TLS: to this machine, and nowhere else. */
import { expect, test } from "bun:test";
import { EDGE_DOMAIN, EdgeProcess } from "../../support/edge-process.ts";
import { freePorts } from "../../support/free-ports.ts";
import { visit } from "../../support/visit.ts";

/** Two edges start from source. */
const LIMIT_MS = 60_000;
const NAME = `api.${EDGE_DOMAIN}`;
const PATHS = ["/dashboard/", "/dashboard/session", "/dashboard/api/account"];

test(
  "the dashboard answers in clear to names of this machine at a port of it, and to nobody else",
  async () => {
    const port = freePorts(1);
    await using edge = await EdgeProcess.start(`--management-addr=127.0.0.1:${port}`);
    const statusAt = async (host: string, at: number, path: string): Promise<unknown> => {
      const { status, headers } = await visit(host, { port: at, path, headers: { "Ngrok-Version": "2" } });
      return [status, String(headers["location"] ?? "").replace(/:\d+/, "")];
    };
    for (const path of PATHS) {
      const local = path === "/dashboard/" ? 200 : 401;
      expect(await statusAt(`127.0.0.1:${port}`, port, path)).toEqual([local, ""]);
      expect(await statusAt("localhost", port, path)).toEqual([local, ""]);
      expect(await statusAt(NAME, port, path)).toEqual([403, ""]);
      // The port of visitors leads to https, and knows no names of machines.
      expect(await statusAt(NAME, edge.ports.http, path)).toEqual([308, `https://${NAME}${path}`]);
      expect(await statusAt("localhost", edge.ports.http, path)).toEqual([404, ""]);
    }
  },
  LIMIT_MS,
);

test(
  "the dashboard answers over TLS alone at an address that others reach",
  async () => {
    const port = freePorts(1);
    await using edge = await EdgeProcess.start(`--management-addr=0.0.0.0:${port}`);
    const inClear = visit("localhost", { port, path: "/dashboard/" }).then(
      ({ status, body }) => `${status} ${body.toString()}`,
      () => "cut",
    );
    expect(await inClear).not.toContain("<html");
    const { status, body } = await visit(NAME, { port, caPem: edge.caPem, path: "/dashboard/" });
    expect([status, body.toString()]).toEqual([200, expect.stringContaining("<html")]);
  },
  LIMIT_MS,
);
