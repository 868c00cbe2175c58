import type { z } from "zod";
import { PublicError } from "../../../base/errors.ts";
import { formatHostPort } from "../../../base/host-port.ts";
import { parseEndpointAddress } from "../../../model/endpoint-address.ts";
import type { CloudEndpoint } from "../../../model/records/cloud-endpoint.ts";
import { type LiveEndpoint, tunnelIdOf } from "../../../model/records/live-endpoint.ts";
import { type PublicPorts, shownUrl } from "../../binding/shown-url.ts";
import { changedNotes } from "../account-records.ts";
import { bodyFields } from "../body-fields.ts";
import { checkedSettings, invalid, readPolicy, refuseOnline } from "../cloud-endpoint-settings.ts";
import type { CloudPolicy } from "../cloud-policy.ts";
import { timeText } from "../links.ts";
import type { Caller, ManagementCall, ResourceHandlers } from "../management-call.ts";
import type { ManagementServices } from "../management-services.ts";
import { type HandlerServices, recordHandlers, withoutOwnId } from "../record-handlers.ts";
import { credentials } from "../resources/access-resources.ts";
import { reservedAddrs, reservedDomains } from "../resources/address-resources.ts";
import * as online from "../resources/online-resources.ts";
import { ResourceNotFound } from "../resource-not-found.ts";

type Services = HandlerServices & Pick<ManagementServices, "names" | "tcp" | "publicPorts" | "policyPace">;

type SettingFields = Pick<
  z.infer<typeof online.endpointChanges>,
  "url" | "bindings" | "traffic_policy" | "pooling_enabled"
>;

/** Endpoints of agents can be looked at; cloud endpoints are made, changed and deleted here (reference.md 7.12). */
export function endpointHandlers(services: Services): ResourceHandlers {
  const { store, links } = services;
  const cloud = cloudHandlers(services);
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
      create: async (call) => {
        const given = bodyFields(online.endpointFields, call.body);
        if ((given.type ?? "cloud") !== "cloud") throw invalid("type", "only cloud endpoints are made here");
        const { url = "", pooling_enabled: isPooled = false, traffic_policy: trafficPolicy = "" } = given;
        const accountId = call.caller.account.id;
        await refuseTooMany(call.caller, services);
        await refuseOnline({ url, isPooled, accountId }, store.live);
        const policy = await readPaced({ url, trafficPolicy }, accountId, services);
        return cloudHandlers(services, policy).actions.create(call);
      },
      update: async (call) => {
        const made = await store.get("cloudEndpoint", call.id);
        if (made === undefined) await refuseOfAgent(call, services);
        if (made?.accountId !== call.caller.account.id) return cloud.actions.update(call);
        const { accountId } = made;
        const given = bodyFields(online.endpointChanges, withoutOwnId(call));
        const { url = made.url, pooling_enabled: isPooled = made.isPooled } = given;
        const { traffic_policy: trafficPolicy = made.trafficPolicy } = given;
        if (url !== made.url || isPooled !== made.isPooled)
          await refuseOnline({ url, isPooled, accountId }, store.live);
        const policy = changesSettings(given)
          ? await readPaced({ url, trafficPolicy }, accountId, services)
          : undefined;
        return cloudHandlers(services, policy).actions.update(call);
      },
      delete: async (call) => {
        await refuseOfAgent(call, services);
        return cloud.actions.delete(call);
      },
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

/** Reading a policy takes long, and everybody else waits meanwhile. @throws PublicError */
function readPaced(
  wanted: Parameters<typeof readPolicy>[0],
  accountId: string,
  { store, policyPace, clock }: Services,
): Promise<CloudPolicy> {
  policyPace.take(accountId, wanted.trafficPolicy.length, clock.nowMs());
  return readPolicy(wanted, { accountId, reader: store });
}

/** `policy`: as the call wants it, where it is a call that changes settings. */
function cloudHandlers(services: Services, policy?: CloudPolicy) {
  return recordHandlers(services, {
    spec: online.endpoints,
    type: "cloudEndpoint",
    fields: online.endpointFields,
    changes: online.endpointChanges,
    nothingGiven: "ERR_GINNEL_NO_CHANGE",
    view: (record) => cloudView(record, services.publicPorts),
    make: async ({ url = "", bindings, traffic_policy = "", pooling_enabled = false }, owned, scene) => {
      const { id: accountId, limits } = scene.account;
      if (limits.endpoints !== Infinity) {
        const made = await scene.transaction.count("cloudEndpoint", accountId);
        if (made >= limits.endpoints) throw tooMany(limits.endpoints);
      }
      const wanted = { url, bindings, trafficPolicy: traffic_policy, isPooled: pooling_enabled };
      const settings = await checkedSettings(wanted, { services, scene, policy });
      return { record: { ...owned, ...settings, updatedAt: scene.now } };
    },
    change: async ({ url, bindings, traffic_policy, pooling_enabled, ...notes }, before, scene) => {
      const noted = { ...changedNotes(notes), updatedAt: scene.now };
      if (!changesSettings({ url, bindings, traffic_policy, pooling_enabled })) return noted;
      const wanted = {
        url: url ?? before.url,
        bindings: bindings ?? (url === undefined ? before.bindings : undefined),
        trafficPolicy: traffic_policy ?? before.trafficPolicy,
        isPooled: pooling_enabled ?? before.isPooled,
      };
      const settings = await checkedSettings(wanted, { services, scene, policy, ownId: before.id });
      return { ...noted, ...settings };
    },
  });
}

/** What was in order once may not be now, such as a policy that names a deleted record; notes are no part of that. */
function changesSettings({ url, bindings, traffic_policy, pooling_enabled }: SettingFields): boolean {
  return [url, bindings, traffic_policy, pooling_enabled].some((given) => given !== undefined);
}

/**
 * Cloud endpoints count among the endpoints that an account may have at a time, beside those of its agents. Agents come while this
 * looks, so only what is kept is sure not to be too many.
 */
async function refuseTooMany({ account }: Caller, { store }: Pick<Services, "store">): Promise<void> {
  const { endpoints: limit } = account.limits;
  if (limit === Infinity) return;
  const [made, bound] = await Promise.all([
    store.count("cloudEndpoint", account.id),
    store.live.countEndpoints(account.id),
  ]);
  if (made + bound >= limit) throw tooMany(limit);
}

/** Those of agents end with their tunnels. @throws PublicError for one of the caller's account */
async function refuseOfAgent({ id, caller }: ManagementCall, { store }: Pick<Services, "store">): Promise<void> {
  const bound = await store.live.getEndpoint(id);
  if (bound?.accountId === caller.account.id) throw new PublicError("ERR_GINNEL_AGENT_ENDPOINT", { id });
}

function tooMany(limit: number): PublicError {
  return new PublicError("ERR_GINNEL_TOO_MANY_ENDPOINTS", { who: "account", limit });
}

function cloudView(
  { url: kept, bindings, trafficPolicy, isPooled, updatedAt }: CloudEndpoint,
  publicPorts: PublicPorts,
): object {
  // What is kept has no port of visitors, so that it stays true when the edge moves to another one.
  const url = publicUrl(kept, publicPorts);
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

/** Where no visitors of its scheme come it is shown as it was given. */
function publicUrl(url: string, publicPorts: PublicPorts): string {
  const address = parseEndpointAddress(url);
  const isServed = (address.scheme === "http" ? publicPorts.http : publicPorts.https) !== undefined;
  return isServed ? shownUrl(address, publicPorts) : url;
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
  const [, scheme = "", host = "", portText] = /^([a-z]+):\/\/(.*?)(?::(\d+))?\/?$/.exec(url) ?? [];
  const port = portText === undefined ? (scheme === "http" ? 80 : 443) : Number(portText);
  return { scheme, host, port, hostport: formatHostPort({ host, port }), proto: scheme };
}
