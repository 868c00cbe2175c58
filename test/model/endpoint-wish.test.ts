import { expect, test } from "bun:test";
import { endpointWishes } from "../../src/model/endpoint-wish.ts";
import { refuseUnsupported, type HttpTunnel, type TcpTunnel } from "../../src/model/tunnel-definition.ts";

const HOST = { kind: "subdomain", label: "shop" } as const;

const COMMON = {
  name: "web",
  upstream: { kind: "network", scheme: "http", host: "localhost", port: 80 },
  metadata: "",
  description: "",
  isPooled: false,
  proxyProtocol: undefined,
  unsupported: [],
} as const;

const WEB: HttpTunnel = {
  ...COMMON,
  proto: "http",
  schemes: ["http", "https"],
  host: HOST,
  hostHeader: { kind: "preserve" },
  basicAuth: [],
  inspect: true,
  upstreamProtocol: "http1",
  upstreamTls: { verify: false, cas: undefined },
};

const SSH: TcpTunnel = { ...COMMON, name: "ssh", proto: "tcp", remoteAddress: { host: "", port: 20_022 } };

test("endpointWishes asks for a pair with https first, which keeps the plain name", () => {
  expect(endpointWishes(WEB)).toEqual([
    { name: "web", proto: "https", host: HOST },
    { name: "web (http)", proto: "http", host: HOST },
  ]);
});

test("endpointWishes gives a single http endpoint the plain name", () => {
  expect(endpointWishes({ ...WEB, schemes: ["http"] })).toEqual([{ name: "web", proto: "http", host: HOST }]);
});

test("endpointWishes asks for one endpoint of tcp and tls tunnels", () => {
  expect(endpointWishes(SSH)).toEqual([{ name: "ssh", proto: "tcp", address: { host: "", port: 20_022 } }]);
  const tls = { ...COMMON, proto: "tls", host: HOST, termination: undefined, upstreamTls: WEB.upstreamTls } as const;
  expect(endpointWishes(tls)).toEqual([{ name: "web", proto: "tls", host: HOST }]);
});

test("refuseUnsupported names every setting that is not built yet, and lets others pass", () => {
  expect(() => refuseUnsupported({ ...SSH, unsupported: ["oauth", "compression"] })).toThrow(
    'tunnel "ssh" cannot start: oauth, compression are not yet supported',
  );
  expect(() => refuseUnsupported(SSH)).not.toThrow();
});
