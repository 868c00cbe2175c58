import { afterEach, expect, test } from "bun:test";
import { CLOUD_POLICY, ManagementScene, type SceneAccount } from "../../support/management-scene.ts";

const scenes: ManagementScene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
});

async function newScene(...options: Parameters<typeof ManagementScene.open>): Promise<ManagementScene> {
  const scene = await ManagementScene.open(...options);
  scenes.push(scene);
  return scene;
}

async function reserve(scene: ManagementScene, domain: string, account: SceneAccount): Promise<unknown> {
  const { status, json } = await scene.call("POST", "/reserved_domains", { body: { domain }, account });
  return status === 201 ? status : json["error_code"];
}

test.each(["https://app.e.test", "http://app.e.test", "tls://app.e.test"])(
  "POST /reserved_domains takes nobody's cloud endpoint %s away",
  async (url) => {
    const scene = await newScene();
    const traffic_policy = url.startsWith("tls") ? "on_tcp_connect: [{actions: [{type: deny}]}]" : CLOUD_POLICY;
    await scene.create("endpoints", { url, type: "cloud", traffic_policy });
    expect(await reserve(scene, "App.e.test", scene.other)).toBe("ERR_GINNEL_NAME_IN_USE");
    expect(await reserve(scene, "app.e.test", scene.one)).toBe(201);
  },
);

test("POST /reserved_domains gives what a cloud endpoint has lost to whoever reserves it", async () => {
  const scene = await newScene();
  const { id } = await scene.create("reserved_domains", { domain: "*.example.com" });
  await scene.create("endpoints", { url: "https://x.example.com", type: "cloud", traffic_policy: CLOUD_POLICY });
  expect(await reserve(scene, "*.example.com", scene.other)).toBe("ERR_NGROK_414");
  await scene.call("DELETE", `/reserved_domains/${id}`);
  expect(await reserve(scene, "x.example.com", scene.other)).toBe(201);
});

test("POST /reserved_domains takes no name from an agent of another account, on whichever node", async () => {
  const scene = await newScene();
  await scene.bringOnline(scene.one);
  expect(await reserve(scene, "A.e.test", scene.other)).toBe("ERR_GINNEL_NAME_IN_USE");
  expect(await reserve(scene, "a.e.test", scene.one)).toBe(201);
});

test("POST /reserved_domains takes no name from an agent that this node has lost a moment ago", async () => {
  const asked: unknown[] = [];
  const scene = await newScene({
    isTaken: (address, accountId) => {
      asked.push([address, accountId]);
      return "host" in address && address.host === "kept.e.test";
    },
  });
  expect(await reserve(scene, "Kept.e.test", scene.other)).toBe("ERR_GINNEL_NAME_IN_USE");
  expect(asked).toEqual([[{ host: "kept.e.test" }, scene.other.id]]);
  expect(await reserve(scene, "free.e.test", scene.other)).toBe(201);
});

test("POST /reserved_addrs draws no port that another account has an agent or a cloud endpoint at", async () => {
  const scene = await newScene({ isTaken: (address) => "port" in address && address.port === 20_001 });
  const { endpoint } = await scene.bringOnline(scene.one);
  const online = { ...endpoint, id: `${endpoint.id}2`, proto: "tcp", host: "tcp.e.test", port: 20_002 };
  await scene.store.live.putEndpoint(online);
  const { addr } = await scene.create("reserved_addrs", {}, scene.other);
  expect(addr).toBe("tcp.e.test:20000");
  const full = await scene.call("POST", "/reserved_addrs", { body: {}, account: scene.other });
  expect(full.json["error_code"]).toBe("ERR_NGROK_503");
});

test("POST /reserved_addrs draws no port of a cloud endpoint whose address was given back", async () => {
  const scene = await newScene();
  const { id, addr } = await scene.create("reserved_addrs", {});
  const traffic_policy = "on_tcp_connect: [{actions: [{type: deny}]}]";
  await scene.create("endpoints", { url: `tcp://${String(addr)}`, type: "cloud", traffic_policy });
  await scene.call("DELETE", `/reserved_addrs/${id}`);
  const drawn = [
    await scene.create("reserved_addrs", {}, scene.other),
    await scene.create("reserved_addrs", {}, scene.other),
  ];
  expect(drawn.map((record) => record["addr"])).not.toContain(addr);
  expect((await scene.call("POST", "/reserved_addrs", { body: {}, account: scene.other })).status).toBe(400);
});
