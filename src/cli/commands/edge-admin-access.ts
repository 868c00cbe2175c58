/** `edge admin authtoken …` and `edge admin api-key …`: what lets agents, programs and people in. */
import { UsageError } from "../../base/errors.ts";
import { newOwned } from "../../edge/management/account-records.ts";
import { newApiKey, newCredential } from "../../edge/management/new-access.ts";
import { parseAclRule } from "../../model/acl.ts";
import type { Store } from "../../store/store.ts";
import type { CommandContext } from "../command-context.ts";
import { accountCalled, ADMIN, withAdminStore } from "../edge/admin/admin-store.ts";
import { timeText } from "../../edge/management/links.ts";
import { recordTable } from "../edge/admin/record-table.ts";
import type { Invocation } from "../invocation.ts";

type AccessInvocation = Invocation<`edge admin ${"authtoken" | "api-key"} ${"create" | "list" | "delete"}`>;
type AccessType = "credential" | "apiKey";

const WORDS: Readonly<Record<AccessType, string>> = { credential: "authtoken", apiKey: "API key" };
/** As the management API takes them. */
const MAX_DESCRIPTION_BYTES = 255;

export async function run(invocation: AccessInvocation, context: CommandContext): Promise<number> {
  await context.print(await withAdminStore(invocation, context, (store) => done(store, invocation, context)));
  return 0;
}

/** What is printed. */
async function done(store: Store, invocation: AccessInvocation, { clock }: CommandContext): Promise<string> {
  const { command, args, flags } = invocation;
  switch (command) {
    case "edge admin authtoken create":
      return create(store, "credential", { now: clock.date(), acl: (flags.acl ?? []).map(parseAclRule), ...flags });
    case "edge admin api-key create":
      return create(store, "apiKey", { now: clock.date(), acl: [], ...flags });
    case "edge admin authtoken list":
      return list(store, "credential", flags.account);
    case "edge admin api-key list":
      return list(store, "apiKey", flags.account);
    case "edge admin authtoken delete":
      return remove(store, "credential", args[0]);
    case "edge admin api-key delete":
      return remove(store, "apiKey", args[0]);
  }
}

interface Wish {
  readonly now: Date;
  readonly account?: string;
  readonly description?: string;
  readonly acl: readonly string[];
}

async function create(store: Store, type: AccessType, { now, account, description = "", acl }: Wish): Promise<string> {
  if (Buffer.byteLength(description) > MAX_DESCRIPTION_BYTES)
    throw new UsageError(`flag --description: it has more than ${MAX_DESCRIPTION_BYTES} bytes; write less`);
  return store.change(ADMIN, async (transaction) => {
    const { id: accountId, name } = await accountCalled(transaction, account);
    const owned = newOwned(type, accountId, { now, notes: { description } });
    const made = `(${owned.id}, account ${name}, shown this once)`;
    if (type === "credential") {
      const { record, token } = newCredential(owned, { acl });
      await transaction.insert(type, record);
      return `Authtoken ${made}: ${token}\n`;
    }
    const { record, token } = newApiKey(owned);
    await transaction.insert(type, record);
    return `API key ${made}: ${token}\n`;
  });
}

async function list(store: Store, type: AccessType, account: string | undefined): Promise<string> {
  const only = account === undefined ? undefined : await accountCalled(store, account);
  const names = new Map((await store.all("account")).map(({ id, name }) => [id, name]));
  const where = only === undefined ? {} : { accountId: only.id };
  if (type === "credential") {
    const rows = (await store.all("credential", where)).map((record) =>
      cells(record, names).concat(record.acl.join(" ") || "everything", record.description),
    );
    return recordTable(["ID", "ACCOUNT", "MADE", "MAY BIND", "DESCRIPTION"], rows);
  }
  const rows = (await store.all("apiKey", where)).map((record) => cells(record, names).concat(record.description));
  return recordTable(["ID", "ACCOUNT", "MADE", "DESCRIPTION"], rows);
}

function cells(
  { id, accountId, createdAt }: { readonly id: string; readonly accountId: string; readonly createdAt: Date },
  names: ReadonlyMap<string, string>,
): readonly string[] {
  return [id, names.get(accountId) ?? accountId, timeText(createdAt)];
}

async function remove(store: Store, type: AccessType, id: string): Promise<string> {
  const removed = await store.change(ADMIN, (transaction) => transaction.remove(type, id));
  if (removed !== undefined) return `Deleted the ${WORDS[type]} ${id}\n`;
  const list = `edge admin ${type === "credential" ? "authtoken" : "api-key"} list`;
  // Somebody may have taken the secret itself for the id.
  const shown = /^(?:cr|ak)_/.test(id) ? ` '${id}'` : " of this id";
  throw new UsageError(`there is no ${WORDS[type]}${shown}; '${list}' shows those there are, with their ids.`);
}
