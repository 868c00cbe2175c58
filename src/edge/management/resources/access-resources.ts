/** Who gets in: authtokens of agents and keys to this API (reference.md 8.3). */
import { z } from "zod";
import { noteFields, recordShape } from "../resource-fields.ts";
import { resourceSpec } from "../resource-spec.ts";

/** Rules of one authtoken: far more than anybody writes. */
const MAX_ACL_RULES = 100;

const acl = z
  .array(z.string())
  .max(MAX_ACL_RULES)
  .describe("bind:HOST, bind:*.DOMAIN, bind:HOST:PORT or *; none: everything");
const ownerId = { owner_id: z.string().max(64).optional() };
const owner = { owner_id: z.string().optional() };
const neverAgain = { token: z.null() };
const once = { token: z.string().describe("Shown this once") };

export const credentialFields = z.strictObject({ ...noteFields, acl: acl.optional(), ...ownerId });
export const credentialChanges = credentialFields.omit({ owner_id: true });
const credential = z.object({ ...recordShape, acl: z.array(z.string()), ...owner, ...neverAgain });

export const credentials = resourceSpec({
  path: "credentials",
  title: "Credential",
  idPrefix: "cr",
  record: credential,
  created: credential.extend(once),
  create: credentialFields,
  update: credentialChanges,
  isDeletable: true,
});

export const apiKeyFields = z.strictObject({ ...noteFields, ...ownerId });
export const apiKeyChanges = apiKeyFields.omit({ owner_id: true });
const apiKey = z.object({ ...recordShape, ...owner, ...neverAgain });

export const apiKeys = resourceSpec({
  path: "api_keys",
  listKey: "keys",
  title: "API Key",
  idPrefix: "ak",
  record: apiKey,
  created: apiKey.extend(once),
  create: apiKeyFields,
  update: apiKeyChanges,
  isDeletable: true,
});
