/** What is online, and endpoints that always are (reference.md 8.3). */
import { z } from "zod";
import { strictTunnelFields } from "../../../config/tunnel-fields.ts";
import { MAX_POLICY_BYTES } from "../../../policy/traffic-policy/policy-document.ts";
import { noteFields, recordShape, refSchema, textOf, timeSchema } from "../resource-fields.ts";
import { type ActionSpec, resourceSpec } from "../resource-spec.ts";

const MAX_URL_BYTES = 512;

/** Those of the agent API (reference.md 3.2), and the agent. That they fit together is the agent's to say. */
export const tunnelFields = strictTunnelFields.extend({
  name: z.string().max(255).optional(),
  tunnel_session_id: z.string().max(64).optional().describe("The agent; may be left out while only one takes tunnels"),
});

export const tunnels = resourceSpec({
  path: "tunnels",
  title: "Tunnel",
  idPrefix: "tn",
  record: z.object({
    id: z.string(),
    public_url: z.string(),
    started_at: timeSchema,
    metadata: z.string().optional(),
    proto: z.string(),
    region: z.string(),
    tunnel_session: refSchema,
    endpoint: refSchema,
    forwards_to: z.string(),
  }),
  create: tunnelFields,
});

function command(name: string, summary: string, fields?: z.ZodObject): ActionSpec {
  const path = `/tunnel_sessions/{id}/${name}`;
  return {
    name,
    method: "POST",
    path,
    summary,
    status: 204,
    isList: false,
    ...(fields === undefined ? {} : { fields }),
  };
}

export const updateCommandFields = z.strictObject({ version: z.string().max(64).optional() });

export const tunnelSessions = resourceSpec({
  path: "tunnel_sessions",
  title: "Tunnel Session",
  idPrefix: "ts",
  record: z.object({
    id: z.string(),
    uri: z.string(),
    agent_version: z.string(),
    credential: refSchema,
    ip: z.string(),
    metadata: z.string(),
    os: z.string(),
    region: z.string(),
    started_at: timeSchema,
    transport: z.string(),
  }),
  more: [
    command("stop", "End the agent"),
    command("restart", "Start the agent anew"),
    command("update", "Let the agent update itself", updateCommandFields),
  ],
});

const endpointSettings = {
  ...noteFields,
  url: textOf(MAX_URL_BYTES),
  bindings: z.array(z.string()).max(1).optional(),
  traffic_policy: textOf(MAX_POLICY_BYTES),
  pooling_enabled: z.boolean().optional(),
};

export const endpointFields = z.strictObject({ ...endpointSettings, type: z.string().optional().describe("cloud") });
export const endpointChanges = z.strictObject(endpointSettings);

export const endpoints = resourceSpec({
  path: "endpoints",
  title: "Endpoint",
  idPrefix: "ep",
  record: z.object({
    ...recordShape,
    updated_at: timeSchema,
    region: z.string().optional(),
    public_url: z.string(),
    url: z.string(),
    scheme: z.string(),
    host: z.string(),
    port: z.int(),
    hostport: z.string(),
    proto: z.string(),
    type: z.enum(["ephemeral", "cloud"]),
    name: z.string().optional(),
    bindings: z.array(z.string()),
    pooling_enabled: z.boolean(),
    traffic_policy: z.string().optional(),
    upstream_url: z.string().optional(),
    principal: refSchema.optional(),
    domain: refSchema.optional(),
    tcp_addr: refSchema.optional(),
    tunnel: refSchema.optional(),
    tunnel_session: refSchema.optional(),
  }),
  create: endpointFields,
  update: endpointChanges,
  isDeletable: true,
  // Published filters have another word for it than published records (reference.md 7.12).
  filterWords: new Map([["type", new Map([["agent", "ephemeral"]])]]),
});
