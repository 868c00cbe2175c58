import { parseAclRule } from "../../../model/acl.ts";
import { changedNotes } from "../account-records.ts";
import type { ResourceHandlers } from "../management-call.ts";
import { newApiKey, newCredential } from "../new-access.ts";
import { type HandlerServices, recordHandlers } from "../record-handlers.ts";
import * as access from "../resources/access-resources.ts";

export function credentialHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: access.credentials,
    type: "credential",
    fields: access.credentialFields,
    changes: access.credentialChanges,
    nothingGiven: "ERR_NGROK_606",
    view: ({ acl, ownerId }) => ({ acl, ...ownerView(ownerId), token: null }),
    make: async ({ acl = [], owner_id }, owned) => {
      const { record, token } = newCredential(owned, { acl: acl.map(parseAclRule), ownerId: owner_id || undefined });
      return { record, shown: { token } };
    },
    change: async ({ acl, ...notes }) => ({
      ...changedNotes(notes),
      ...(acl === undefined ? {} : { acl: acl.map(parseAclRule) }),
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
