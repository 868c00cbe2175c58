import { PublicError } from "../../../base/errors.ts";
import { type LiveEndpoint, tunnelIdOf } from "../../../model/records/live-endpoint.ts";
import type { TunnelSession } from "../../../model/records/tunnel-session.ts";
import { bodyFields } from "../body-fields.ts";
import { timeText } from "../links.ts";
import type { AnswerOne, Caller, ManagementCall, ResourceHandlers } from "../management-call.ts";
import type { ManagementServices } from "../management-services.ts";
import { type HandlerServices, withoutOwnId } from "../record-handlers.ts";
import { ResourceNotFound } from "../resource-not-found.ts";
import { credentials } from "../resources/access-resources.ts";
import { endpoints, tunnelFields, tunnelSessions, updateCommandFields } from "../resources/online-resources.ts";

type Services = HandlerServices & Pick<ManagementServices, "agents">;

export function tunnelSessionHandlers({ store, links, agents }: Services): ResourceHandlers {
  const own = ({ id, caller }: ManagementCall): Promise<TunnelSession> => ownSession(store, caller, id);
  const view = (session: TunnelSession) => ({
    id: session.id,
    uri: links.uri(tunnelSessions.path, session.id),
    agent_version: session.agentVersion,
    credential: links.ref(credentials.path, session.credentialId),
    ip: session.ip,
    metadata: session.metadata,
    os: session.os,
    region: session.region,
    started_at: timeText(session.startedAt),
    transport: session.transport,
  });
  const commanding =
    (command: (session: TunnelSession, call: ManagementCall) => Promise<void>): AnswerOne =>
    async (call) => {
      await command(await own(call), call);
      return undefined;
    };
  return {
    list: async ({ caller, page }) => (await store.live.listSessions(caller.account.id, page)).map(view),
    actions: {
      get: async (call) => view(await own(call)),
      stop: commanding((session) => agents.stop(session)),
      restart: commanding((session) => agents.restart(session)),
      update: commanding((session, call) => {
        const { version = "" } = bodyFields(updateCommandFields, withoutOwnId(call));
        return agents.update(session, version);
      }),
    },
  };
}

/** A tunnel is the agent's side of an endpoint, and shares the suffix of its id. */
export function tunnelHandlers({ store, links, agents }: Services): ResourceHandlers {
  const view = (endpoint: LiveEndpoint) => ({
    id: tunnelIdOf(endpoint.id),
    public_url: endpoint.publicUrl,
    started_at: timeText(endpoint.startedAt),
    ...(endpoint.metadata === "" ? {} : { metadata: endpoint.metadata }),
    proto: endpoint.proto,
    region: endpoint.region,
    tunnel_session: links.ref(tunnelSessions.path, endpoint.sessionId),
    endpoint: links.ref(endpoints.path, endpoint.id),
    forwards_to: endpoint.forwardsTo,
  });
  return {
    list: async ({ caller, page }) => {
      const { limit, beforeId } = page;
      const before = beforeId === undefined ? undefined : endpointIdOf(beforeId);
      return (await store.live.listEndpoints(caller.account.id, { limit, beforeId: before })).map(view);
    },
    actions: {
      create: async (call) => {
        const { tunnel_session_id: wanted } = bodyFields(tunnelFields, call.body);
        const session = await ownSession(store, call.caller, wanted ?? (await onlyTaker(agents, call.caller)));
        return view(await agents.startTunnel(session, definitionOf(call)));
      },
      get: async ({ id, caller }) => {
        const endpoint = await store.live.getEndpoint(endpointIdOf(id));
        if (endpoint === undefined || endpoint.accountId !== caller.account.id) throw new ResourceNotFound();
        return view(endpoint);
      },
    },
  };
}

/** @throws ResourceNotFound, also for one of somebody else's */
async function ownSession({ live }: Services["store"], caller: Caller, id: string): Promise<TunnelSession> {
  const session = await live.getSession(id);
  if (session === undefined || session.accountId !== caller.account.id) throw new ResourceNotFound();
  return session;
}

/** The id of the session over which a tunnel can be started, when there is no choice. */
async function onlyTaker(agents: Services["agents"], { account }: Caller): Promise<string> {
  const [first, ...further] = await agents.tunnelTakers(account.id);
  if (first !== undefined && further.length === 0) return first;
  throw new PublicError("ERR_GINNEL_WHICH_AGENT", { count: first === undefined ? 0 : 1 + further.length });
}

/** As it was written: how values are to be read the agent knows. */
function definitionOf({ body }: ManagementCall): Readonly<Record<string, unknown>> {
  const isPart = (name: string): boolean => name !== "tunnel_session_id" && Object.hasOwn(tunnelFields.shape, name);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => isPart(name) && value !== null));
}

function endpointIdOf(tunnelId: string): string {
  return tunnelId.replace(/^tn_/, "ep_");
}
