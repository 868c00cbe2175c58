import { PublicError, UsageError } from "../../../base/errors.ts";
import { formatHostPort, parseHostPort } from "../../../base/host-port.ts";
import { AddressRules } from "../../../model/address-rules.ts";
import { parsePublicUrl } from "../../../model/public-url.ts";
import type { CloudEndpoint } from "../../../model/records/cloud-endpoint.ts";
import { type LiveEndpoint, tunnelIdOf } from "../../../model/records/live-endpoint.ts";
import { bindRight } from "../../../model/reservations.ts";
import type { PolicyProtocol } from "../../../policy/traffic-policy/policy-document.ts";
import { trafficPolicySteps } from "../../../policy/traffic-policy/traffic-policy.ts";
import { changedNotes } from "../account-records.ts";
import { timeText } from "../links.ts";
import type { ResourceHandlers } from "../management-call.ts";
import type { ManagementServices } from "../management-services.ts";
import { type ChangeScene, type HandlerServices, recordHandlers } from "../record-handlers.ts";
import { credentials } from "../resources/access-resources.ts";
import { reservedAddrs, reservedDomains } from "../resources/address-resources.ts";
import * as online from "../resources/online-resources.ts";
import { ResourceNotFound } from "../resource-not-found.ts";

type Services = HandlerServices & Pick<ManagementServices, "names">;

const INTERNAL = ".internal";

/** Endpoints of agents can be looked at; cloud endpoints are made, changed and deleted here (reference.md 7.12). */
export function endpointHandlers(services: Services): ResourceHandlers {
  const { store, links } = services;
  const cloud = recordHandlers(services, {
    spec: online.endpoints,
    type: "cloudEndpoint",
    fields: online.endpointFields,
    changes: online.endpointChanges,
    nothingGiven: "ERR_GINNEL_NO_CHANGE",
    view: cloudView,
    make: async (
      { url = "", type = "cloud", bindings, traffic_policy = "", pooling_enabled = false },
      owned,
      scene,
    ) => {
      if (type !== "cloud") throw invalid("type", "only cloud endpoints are made here");
      const wanted = { url, bindings, trafficPolicy: traffic_policy, isPooled: pooling_enabled };
      const settings = await checkedSettings(wanted, { services, scene });
      return { record: { ...owned, ...settings, updatedAt: scene.now } };
    },
    change: async ({ url, bindings, traffic_policy, pooling_enabled, ...notes }, before, scene) => {
      const wanted = {
        url: url ?? before.url,
        bindings: bindings ?? (url === undefined ? before.bindings : undefined),
        trafficPolicy: traffic_policy ?? before.trafficPolicy,
        isPooled: pooling_enabled ?? before.isPooled,
      };
      const settings = await checkedSettings(wanted, { services, scene, ownId: before.id });
      return { ...changedNotes(notes), ...settings, updatedAt: scene.now };
    },
  });
  const liveAnswer = (endpoint: LiveEndpoint) => liveView(endpoint, services);
  return {
    list: async ({ caller, page }) => {
      const [made, bound] = await Promise.all([
        store.list("cloudEndpoint", caller.account.id, page),
        store.live.listEndpoints(caller.account.id, page),
      ]);
      const all = [...(await Promise.all(made.map(cloud.answer))), ...bound.map(liveAnswer)];
      return all.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, page.limit);
    },
    actions: {
      ...cloud.actions,
      get: async (call) => {
        const { id, caller } = call;
        const made = await store.get("cloudEndpoint", id);
        if (made?.accountId === caller.account.id) return cloud.answer(made);
        const bound = await store.live.getEndpoint(id);
        if (bound?.accountId !== caller.account.id) throw new ResourceNotFound();
        return { ...liveAnswer(bound), uri: links.uri(online.endpoints.path, id) };
      },
    },
  };
}

interface WantedSettings extends Pick<CloudEndpoint, "url" | "trafficPolicy" | "isPooled"> {
  readonly bindings: readonly string[] | undefined;
}

interface SettingsScene {
  readonly services: Services;
  readonly scene: ChangeScene;
  /** Of the endpoint that is to be changed. */
  readonly ownId?: string;
}

async function checkedSettings(wanted: WantedSettings, place: SettingsScene) {
  const { scene, ownId } = place;
  const { scheme, host } = addressOf(wanted.url);
  const url = `${scheme}://${host}`;
  const isInternal = host.endsWith(INTERNAL);
  const bindings = wanted.bindings?.length ? wanted.bindings : [isInternal ? "internal" : "public"];
  const expected = isInternal ? "internal" : "public";
  if (bindings[0] !== expected) throw invalid("bindings", `an endpoint at ${host} has the binding ${expected}`);
  if (!isInternal) await refuseForeignName(host, place);
  await checkPolicy(wanted.trafficPolicy, scheme, scene);
  // Internal names are each account's own.
  const others = await scene.transaction.all(
    "cloudEndpoint",
    isInternal ? { url, accountId: scene.account.id } : { url },
  );
  const isShared = others.every((other) => other.isPooled && other.accountId === scene.account.id) && wanted.isPooled;
  if (others.some(({ id }) => id !== ownId) && !isShared) throw new PublicError("ERR_NGROK_334", { url });
  return { url, bindings, trafficPolicy: wanted.trafficPolicy, isPooled: wanted.isPooled };
}

/** A policy that could not be served is not taken in (reference.md 7.12). @throws PublicError */
async function checkPolicy(
  text: string,
  protocol: PolicyProtocol,
  { transaction, account }: ChangeScene,
): Promise<void> {
  const own = new Set((await transaction.all("ipPolicy", { accountId: account.id })).map(({ id }) => id));
  const rules = new AddressRules([], "nobody"); // nobody is let in by what is made here
  trafficPolicySteps(text, { protocol, mustEnd: true, ipPolicy: (id) => (own.has(id) ? () => rules : undefined) });
}

async function refuseForeignName(host: string, { services: { names }, scene }: SettingsScene): Promise<void> {
  const reserved = new Map((await scene.transaction.all("reservedDomain")).map((one) => [one.domain, one]));
  const right = bindRight(scene.account.id, host, { find: (domain) => reserved.get(domain), own: names });
  if (right.may) return;
  if (right.because === "notReserved") throw new PublicError("ERR_NGROK_319", { domain: host });
  if (right.because === "wildcardNotReserved") throw new PublicError("ERR_NGROK_321", { domain: host });
  throw new PublicError("ERR_NGROK_320", { domain: host });
}

/** @throws PublicError */
function addressOf(url: string): { readonly scheme: "http" | "https" | "tls"; readonly host: string } {
  try {
    const wish = parsePublicUrl(url);
    if (wish.scheme === "tcp" || wish.host.kind !== "host")
      throw invalid("url", "give http, https or tls and a host name");
    return { scheme: wish.scheme, host: wish.host.host };
  } catch (error) {
    throw error instanceof UsageError ? invalid("url", error.message) : error;
  }
}

function invalid(name: string, reason: string): PublicError {
  return new PublicError("ERR_NGROK_215", { name, reason });
}

function cloudView({ url, bindings, trafficPolicy, isPooled, updatedAt }: CloudEndpoint): object {
  return {
    updated_at: timeText(updatedAt),
    public_url: url,
    url,
    ...urlView(url),
    type: "cloud",
    bindings,
    pooling_enabled: isPooled,
    traffic_policy: trafficPolicy,
  };
}

function liveView(endpoint: LiveEndpoint, { links }: Pick<HandlerServices, "links">) {
  const { id, url, domainId, addrId } = endpoint;
  const startedAt = timeText(endpoint.startedAt);
  return {
    id,
    uri: links.uri(online.endpoints.path, id),
    created_at: startedAt,
    updated_at: startedAt,
    description: endpoint.description,
    metadata: endpoint.metadata,
    region: endpoint.region,
    public_url: endpoint.publicUrl,
    url,
    ...urlView(url),
    type: "ephemeral",
    name: endpoint.name,
    bindings: endpoint.bindings,
    pooling_enabled: endpoint.isPooled,
    ...(endpoint.trafficPolicy === "" ? {} : { traffic_policy: endpoint.trafficPolicy }),
    upstream_url: endpoint.forwardsTo,
    principal: links.ref(credentials.path, endpoint.credentialId),
    ...(domainId === undefined ? {} : { domain: links.ref(reservedDomains.path, domainId) }),
    ...(addrId === undefined ? {} : { tcp_addr: links.ref(reservedAddrs.path, addrId) }),
    tunnel: links.ref(online.tunnels.path, tunnelIdOf(id)),
    tunnel_session: links.ref(online.tunnelSessions.path, endpoint.sessionId),
  };
}

/** The parts of an endpoint's own URL. */
function urlView(url: string): object {
  const [scheme = "", authority = ""] = url.split("://");
  const { host, port } = parseHostPort(authority.replace(/\/$/, ""), scheme === "http" ? 80 : 443) ?? {
    host: "",
    port: 0,
  };
  const name = host === "" ? authority : host; // wildcards
  const shownPort = port === 0 ? (scheme === "http" ? 80 : 443) : port;
  return {
    scheme,
    host: name,
    port: shownPort,
    hostport: formatHostPort({ host: name, port: shownPort }),
    proto: scheme,
  };
}
