import { type LiveEndpoint, tunnelIdOf } from "../../../model/records/live-endpoint.ts";
import type { TunnelSession } from "../../../model/records/tunnel-session.ts";
import { bodyFields } from "../body-fields.ts";
import { timeText } from "../links.ts";
import type { AnswerOne, ManagementCall, ResourceHandlers } from "../management-call.ts";
import type { ManagementServices } from "../management-services.ts";
import { type HandlerServices, withoutOwnId } from "../record-handlers.ts";
import { ResourceNotFound } from "../resource-not-found.ts";
import { credentials } from "../resources/access-resources.ts";
import { endpoints, tunnelSessions, updateCommandFields } from "../resources/online-resources.ts";

type Services = HandlerServices & Pick<ManagementServices, "agents">;

export function tunnelSessionHandlers({ store, links, agents }: Services): ResourceHandlers {
  const own = async ({ id, caller }: ManagementCall): Promise<TunnelSession> => {
    const session = await store.live.getSession(id);
    if (session === undefined || session.accountId !== caller.account.id) throw new ResourceNotFound();
    return session;
  };
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
export function tunnelHandlers({ store, links }: Services): ResourceHandlers {
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
      get: async ({ id, caller }) => {
        const endpoint = await store.live.getEndpoint(endpointIdOf(id));
        if (endpoint === undefined || endpoint.accountId !== caller.account.id) throw new ResourceNotFound();
        return view(endpoint);
      },
    },
  };
}

function endpointIdOf(tunnelId: string): string {
  return tunnelId.replace(/^tn_/, "ep_");
}
