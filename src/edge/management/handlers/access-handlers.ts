import { PublicError } from "../../../base/errors.ts";
import { changedNotes } from "../account-records.ts";
import type { ResourceHandlers } from "../management-call.ts";
import { newApiKey, newCredential } from "../new-access.ts";
import { type HandlerServices, recordHandlers } from "../record-handlers.ts";
import * as access from "../resources/access-resources.ts";

/** Reference.md 7.15; `bind:` and a host, a wildcard, an address of a host and a port, or a label `key=value`. */
const ACL_RULE =
  /^(?:\*|bind:(?:\*|[A-Za-z0-9._-]+=[^\s]+|(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\]:\d{1,5}))$/;

export function credentialHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: access.credentials,
    type: "credential",
    fields: access.credentialFields,
    changes: access.credentialChanges,
    nothingGiven: "ERR_NGROK_606",
    view: ({ acl, ownerId }) => ({ acl, ...ownerView(ownerId), token: null }),
    make: async ({ acl = [], owner_id }, owned) => {
      const { record, token } = newCredential(owned, { acl: checkedAcl(acl), ownerId: owner_id || undefined });
      return { record, shown: { token } };
    },
    change: async ({ acl, ...notes }) => ({
      ...changedNotes(notes),
      ...(acl === undefined ? {} : { acl: checkedAcl(acl) }),
    }),
  });
}

export function apiKeyHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: access.apiKeys,
    type: "apiKey",
    fields: access.apiKeyFields,
    changes: access.apiKeyChanges,
    nothingGiven: "ERR_NGROK_606",
    view: ({ ownerId }) => ({ ...ownerView(ownerId), token: null }),
    make: async ({ owner_id }, owned) => {
      const { record, token } = newApiKey(owned, owner_id || undefined);
      return { record, shown: { token } };
    },
    change: async (notes) => changedNotes(notes),
  });
}

function ownerView(ownerId: string | undefined): object {
  return ownerId === undefined ? {} : { owner_id: ownerId };
}

function checkedAcl(rules: readonly string[]): readonly string[] {
  const wrong = rules.find((rule) => !ACL_RULE.test(rule));
  if (wrong !== undefined) throw new PublicError("ERR_NGROK_600", { rule: wrong });
  return rules;
}
