/**
 * Dashboard and management API over a store in memory with records of every kind, at a port of this machine, behind TLS. Started as a
 * program it says where it is and with which key one signs in, and runs until it is stopped.
 */
import { systemClock } from "../../src/base/clock.ts";
import { dashboardApp } from "../../src/edge/dashboard/dashboard-app.ts";
import type { EndpointTraffic } from "../../src/edge/operations/endpoint-traffic.ts";
import { createCa, issueLeaf } from "../../src/pki/issued-certificate.ts";
import { CLOUD_POLICY, ManagementScene } from "./management-scene.ts";

const ca = await createCa("Test", new Date());
/** Of the authority of all that are started here. */
export const DASHBOARD_CA_PEM = ca.certPem;
const leaf = await issueLeaf(ca, ["localhost", "127.0.0.1"], new Date());

export class DashboardEdge implements AsyncDisposable {
  /** Records, and calls past the dashboard: `scene.one.key` signs in. */
  readonly scene: ManagementScene;
  /** What the endpoints of every account show; a test changes it. */
  readonly traffic: EndpointTraffic[] = [];
  readonly #port: number;
  #server: Bun.Server<undefined>;

  private constructor(scene: ManagementScene) {
    this.scene = scene;
    this.#server = this.#listen(0);
    this.#port = this.#server.port ?? 0;
  }

  /** Without records but the account's, unless it is to have some of every kind. */
  static async start({ hasRecords = false } = {}): Promise<DashboardEdge> {
    const scene = await ManagementScene.open({ clock: systemClock });
    const edge = new DashboardEdge(scene);
    if (hasRecords) await edge.addRecords();
    return edge;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** An agent with an endpoint, and records of every kind. */
  async addRecords(): Promise<void> {
    const { scene } = this;
    const { endpoint } = await scene.bringOnline();
    this.traffic.push({
      endpointId: endpoint.id,
      url: endpoint.url,
      requests: 120,
      visitors: 12,
      visitorsOpen: 3,
      bytesIn: 45_678,
      bytesOut: 9_876_543,
    });
    await scene.create("credentials", { description: "build server", acl: ["bind:*.apps.example.com"] });
    await scene.create("api_keys", { description: "laptop" });
    await scene.create("reserved_domains", { domain: "shop.example.com", description: "the shop" });
    await scene.create("reserved_addrs", { description: "database" });
    const policy = await scene.create("ip_policies", { description: "office" });
    await scene.create("ip_policy_rules", { ip_policy_id: policy.id, cidr: "192.0.2.0/24", action: "allow" });
    await scene.create("ip_restrictions", { type: "endpoints", ip_policy_ids: [policy.id] });
    const pair = await issueLeaf(ca, ["shop.example.com"], new Date());
    await scene.create("tls_certificates", { certificate_pem: pair.certPem, private_key_pem: pair.keyPem });
    await scene.create("certificate_authorities", { ca_pem: ca.certPem });
    await scene.create("endpoints", {
      type: "cloud",
      url: "https://cloud.e.test",
      traffic_policy: CLOUD_POLICY,
      bindings: ["public"],
    });
  }

  /** Nobody answers at its port until {@link DashboardEdge.comeBack}. */
  async goAway(): Promise<void> {
    await this.#server.stop(true);
  }

  /** As after a restart: with its records, and without the sessions of those who were signed in. */
  comeBack(): void {
    this.#server = this.#listen(this.#port);
  }

  #listen(port: number): Bun.Server<undefined> {
    const { scene } = this;
    const dashboard = dashboardApp({
      management: scene.services,
      hosts: [],
      traffic: () => Promise.resolve(this.traffic),
    });
    return Bun.serve({
      hostname: "127.0.0.1",
      port,
      tls: { cert: leaf.certPem, key: leaf.keyPem },
      development: false,
      fetch: (request, server) => {
        const ip = server.requestIP(request)?.address ?? "";
        const isDashboard = /^\/dashboard(?:\/|$)/.test(new URL(request.url).pathname);
        return (isDashboard ? dashboard : scene.app).fetch(request, { ip });
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
    await this.scene[Symbol.asyncDispose]();
  }
}

if (import.meta.main) {
  const edge = await DashboardEdge.start({ hasRecords: true });
  process.stdout.write(`${edge.url}/dashboard/\nAPI key: ${edge.scene.one.key}\n`);
}
