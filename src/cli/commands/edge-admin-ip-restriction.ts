/** `edge admin ip-restriction …`: the way back for an account that has locked itself out of the API and the dashboard. */
import { UsageError } from "../../base/errors.ts";
import type { Store } from "../../store/store.ts";
import type { CommandContext } from "../command-context.ts";
import { accountCalled, ADMIN, withAdminStore } from "../edge/admin/admin-store.ts";
import { timeText } from "../../edge/management/links.ts";
import { recordTable } from "../edge/admin/record-table.ts";
import type { Invocation } from "../invocation.ts";

type IpRestrictionInvocation = Invocation<`edge admin ip-restriction ${"list" | "delete"}`>;

export async function run(invocation: IpRestrictionInvocation, context: CommandContext): Promise<number> {
  await context.print(await withAdminStore(invocation, context, (store) => done(store, invocation)));
  return 0;
}

/** What is printed. */
function done(store: Store, { command, args, flags }: IpRestrictionInvocation): Promise<string> {
  switch (command) {
    case "edge admin ip-restriction list":
      return list(store, flags.account);
    case "edge admin ip-restriction delete":
      return remove(store, args[0]);
  }
}

async function list(store: Store, account: string | undefined): Promise<string> {
  const only = account === undefined ? {} : { accountId: (await accountCalled(store, account)).id };
  const names = new Map((await store.all("account")).map(({ id, name }) => [id, name]));
  const rows = (await store.all("ipRestriction", only)).map(
    ({ id, accountId, createdAt, type, isEnforced, policyIds, description }) => [
      id,
      names.get(accountId) ?? accountId,
      timeText(createdAt),
      type,
      isEnforced ? "enforced" : "warns",
      policyIds.join(" ") || "none",
      description,
    ],
  );
  return recordTable(["ID", "ACCOUNT", "MADE", "TYPE", "STATE", "POLICIES", "DESCRIPTION"], rows);
}

async function remove(store: Store, id: string): Promise<string> {
  const removed = await store.change(ADMIN, (transaction) => transaction.remove("ipRestriction", id));
  if (removed !== undefined) return `Deleted the IP restriction ${id} (type ${removed.type})\n`;
  throw new UsageError(
    `there is no IP restriction '${id}'; 'edge admin ip-restriction list' shows those there are, with their ids.`,
  );
}
