/** What the API tells of itself and of the account (reference.md 8.3, C-19). */
import { z } from "zod";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { Account } from "../../model/records/account.ts";
import { timeText } from "./links.ts";
import type { ActionSpec } from "./resource-spec.ts";
import { RESOURCES } from "./resource-table.ts";
import { timeSchema } from "./resource-fields.ts";

const limit = z.number().nullable().describe("null: none");

export const accountAction: ActionSpec = {
  name: "get",
  method: "GET",
  path: "/account",
  summary: "The account of the key",
  status: 200,
  isList: false,
  answer: z.object({
    id: z.string(),
    uri: z.string(),
    created_at: timeSchema,
    name: z.string(),
    limits: z.object({
      sessions: limit,
      endpoints: limit,
      reserved_domains: limit,
      reserved_addrs: limit,
      connections_per_second: limit,
      bytes_per_second: limit,
    }),
  }),
};

export function accountView({ id, createdAt, name, limits }: Account, baseUrl: string): object {
  const { sessions, endpoints, reservedDomains, reservedAddrs, connectionsPerSecond, bytesPerSecond } = limits;
  const entries = Object.entries({
    sessions,
    endpoints,
    reserved_domains: reservedDomains,
    reserved_addrs: reservedAddrs,
    connections_per_second: connectionsPerSecond,
    bytes_per_second: bytesPerSecond,
  });
  const shown = Object.fromEntries(entries.map(([key, value]) => [key, Number.isFinite(value) ? value : null]));
  return { id, uri: `${baseUrl}/account`, created_at: timeText(createdAt), name, limits: shown };
}

export const rootAction: ActionSpec = {
  name: "get",
  method: "GET",
  path: "/",
  summary: "What there is",
  status: 200,
  isList: false,
  answer: z.object({
    uri: z.string(),
    version: z.string(),
    resources: z.record(z.string(), z.string()),
  }),
};

export function rootView(baseUrl: string): object {
  const paths = ["account", ...RESOURCES.map(({ path }) => path), "openapi.json"];
  const resources = Object.fromEntries(paths.map((path) => [path, `${baseUrl}/${path}`]));
  return { uri: `${baseUrl}/`, version: PRODUCT_VERSION, resources };
}
