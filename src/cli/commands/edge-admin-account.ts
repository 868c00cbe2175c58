/** `edge admin account …`: who has an account at an edge, and with which limits. */
import { UsageError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
import { type Account, NO_LIMITS } from "../../model/records/account.ts";
import { ID_PREFIXES } from "../../model/records/records.ts";
import type { Changes, Store } from "../../store/store.ts";
import type { CommandContext } from "../command-context.ts";
import { limitsOfFlags, limitsText } from "../edge/admin/account-limits.ts";
import { removeAccount, removedText } from "../edge/admin/account-removal.ts";
import { accountCalled, ADMIN, withAdminStore } from "../edge/admin/admin-store.ts";
import { timeText } from "../../edge/management/links.ts";
import { recordTable } from "../edge/admin/record-table.ts";
import { OPERATOR_ACCOUNT } from "../edge/first-start.ts";
import type { Invocation } from "../invocation.ts";

type AccountInvocation =
  Invocation<`edge admin account ${"create" | "list" | "disable" | "enable" | "limit" | "delete"}`>;

/** Anything that people can read back from a line. */
const NAME = /^[^\s\p{C}](?:[^\p{C}]{0,62}[^\s\p{C}])?$/u;

export async function run(invocation: AccountInvocation, context: CommandContext): Promise<number> {
  await context.print(await withAdminStore(invocation, context, (store) => done(store, invocation, context)));
  return 0;
}

/** What is printed. */
async function done(
  store: Store,
  { command, args, flags }: AccountInvocation,
  context: CommandContext,
): Promise<string> {
  switch (command) {
    case "edge admin account create":
      return create(store, flags, context);
    case "edge admin account list":
      return list(await store.all("account"));
    case "edge admin account disable":
      return change(store, args[0], "is disabled: nobody comes in", () => ({ isDisabled: true }));
    case "edge admin account enable":
      return change(store, args[0], "is enabled", () => ({ isDisabled: false }));
    case "edge admin account limit": {
      const limits = limitsOfFlags(flags);
      if (Object.keys(limits).length === 0)
        throw new UsageError("which limit? Give one such as --sessions=5, or --sessions=none.");
      return change(store, args[0], "has its limits", (account) => ({ limits: { ...account.limits, ...limits } }));
    }
    case "edge admin account delete":
      return remove(store, args[0]);
  }
}

async function create(
  store: Store,
  flags: Invocation<"edge admin account create">["flags"],
  { clock }: CommandContext,
): Promise<string> {
  const { name } = flags;
  if (name === undefined) throw new UsageError("an account needs a name; give --name NAME.");
  if (!NAME.test(name))
    throw new UsageError(`flag --name: expected 1 to 64 printable characters, found ${JSON.stringify(name)}`);
  const createdAt = clock.date();
  const id = newId(ID_PREFIXES.account, createdAt);
  const limits = { ...NO_LIMITS, ...limitsOfFlags(flags) };
  await store.change(ADMIN, (transaction) =>
    transaction.insert("account", { id, createdAt, name, isDisabled: false, limits }),
  );
  return `Account ${name} made: ${id}\n`;
}

function list(accounts: readonly Account[]): string {
  const rows = accounts.map(({ id, name, createdAt, isDisabled, limits }) => {
    return [id, name, timeText(createdAt), isDisabled ? "disabled" : "enabled", limitsText(limits) || "none"];
  });
  return recordTable(["ID", "NAME", "MADE", "STATE", "LIMITS"], rows);
}

/** One slip must not cost a team everything, so what is to be deleted has been disabled before. */
function remove(store: Store, nameOrId: string): Promise<string> {
  return store.change(ADMIN, async (transaction) => {
    const account = await accountCalled(transaction, nameOrId);
    const { name, isDisabled } = account;
    if (name === OPERATOR_ACCOUNT)
      throw new UsageError(`the account ${name} belongs to the edge and cannot be deleted; delete what it has.`);
    if (!isDisabled)
      throw new UsageError(`the account ${name} is enabled; disable it first, with 'edge admin account disable'.`);
    return `Account ${name} deleted (with ${removedText(await removeAccount(transaction, account.id)) || "nothing"})\n`;
  });
}

function change(
  store: Store,
  nameOrId: string,
  done: string,
  changes: (account: Account) => Changes<"account">,
): Promise<string> {
  return store.change(ADMIN, async (transaction) => {
    const account = await accountCalled(transaction, nameOrId);
    const after = (await transaction.update("account", account.id, changes(account))) ?? account;
    return `Account ${after.name} ${done} (limits: ${limitsText(after.limits) || "none"})\n`;
  });
}
