/** The description of the agent API, judged by somebody else's validator and held against what is served. */
import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { ApiScene } from "../../support/api-scene.ts";
import { capturedExchange } from "../../support/captured-exchange.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";

const METHODS = new Set(["GET", "POST", "PUT", "DELETE"]);
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.union([z.array(z.unknown()), z.object({ responses: z.record(z.string(), z.unknown()) })])),
  ),
});

interface Operation {
  readonly method: string;
  readonly path: string;
  /** Statuses of success. */
  readonly statuses: readonly number[];
}

async function described(scene: ApiScene): Promise<readonly Operation[]> {
  const { paths } = documentSchema.parse((await scene.call("GET", "/api/openapi.json")).json);
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([key, operation]) => {
      if (Array.isArray(operation)) return [];
      const statuses = Object.keys(operation.responses).filter((status) => status !== "default");
      return [{ method: key.toUpperCase(), path, statuses: statuses.map(Number) }];
    }),
  );
}

/** One that runs a tunnel and has captured an exchange. */
function furnished(): ApiScene {
  const scene = new ApiScene();
  scene.run(httpTunnel());
  scene.capture(capturedExchange({ id: "airt_1", response: "HTTP/1.1 200 OK\r\n\r\n" }));
  return scene;
}

/** Of calls that need a body. */
const BODIES: Readonly<Record<string, object>> = {
  "POST /api/tunnels": { name: "other", proto: "http", addr: 80 },
  "POST /api/endpoints": { name: "other", upstream: { url: "80" } },
  "PUT /api/endpoints/{name}": { upstream: { url: "80" } },
  "POST /api/requests/http": { id: "airt_1" },
};

describe("GET /api/openapi.json", () => {
  test("GET /api/openapi.json is a valid document of OpenAPI 3.1", async () => {
    const { json } = await new ApiScene().call("GET", "/api/openapi.json");
    const validator = new Validator();
    expect(await validator.validate(z.record(z.string(), z.unknown()).parse(json))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("GET /api/openapi.json describes calls that are answered, each as it says", async () => {
    for (const { method, path, statuses } of await described(new ApiScene())) {
      const real = path.replace("{name}", "web").replace("{id}", "airt_1");
      const { app } = furnished();
      const body = BODIES[`${method} ${path}`];
      const answer = await app.request(real, {
        method,
        headers: { Host: "localhost", "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      await answer.body?.cancel();
      expect([method, path, statuses.includes(answer.status)]).toEqual([method, path, true]);
    }
  });

  test("GET /api/openapi.json describes every call that is served, but for pages and names without the prefix", async () => {
    const scene = new ApiScene();
    const served = scene.app.routes
      .filter(({ method, path }) => METHODS.has(method) && /^\/(?:api|metrics)(?:\/|$)/.test(path))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/, "{$1}")}`);
    const documented = (await described(scene)).map(({ method, path }) => `${method} ${path}`);
    expect(served.toSorted()).toEqual(documented.toSorted());
    expect(served.length).toBeGreaterThan(15);
  });
});
