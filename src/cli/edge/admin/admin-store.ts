import { UsageError } from "../../../base/errors.ts";
import { loadEdgeStore } from "../../../config/config-loader.ts";
import type { Account } from "../../../model/records/account.ts";
import type { Actor } from "../../../model/records/audit-entry.ts";
import type { Reader, Store } from "../../../store/store.ts";
import type { CommandContext } from "../../command-context.ts";
import { edgeSettingsOf } from "../flags.ts";
import { withEdgeStore } from "../store.ts";

/** Who stands in the audit log. */
export const ADMIN: Actor = { kind: "operator", id: "edge admin" };

/** The flags of every command that works on the store of an edge. */
interface StoreFlags extends Readonly<Record<string, unknown>> {
  readonly config?: readonly string[];
}

/** The one command that may come before the first start of an edge. */
const MAKES_STORE = "edge admin account create";

/** Opens the store that flags, environment and file name, and closes it afterwards. @throws UsageError, StoreError */
export async function withAdminStore<R>(
  { command, flags }: { readonly command: string; readonly flags: StoreFlags },
  { env, clock }: CommandContext,
  work: (store: Store) => Promise<R>,
): Promise<R> {
  const settings = await loadEdgeStore({
    configFlags: flags.config ?? [],
    environment: env,
    flags: edgeSettingsOf(flags),
  });
  return withEdgeStore(settings, { mayMake: command === MAKES_STORE, clock }, work);
}

/** By name or id. @throws UsageError when there is no such account, or none was named */
export async function accountCalled(reader: Reader, nameOrId: string | undefined): Promise<Account> {
  if (nameOrId === undefined || nameOrId === "") throw new UsageError("which account? Give --account NAME.");
  const [named] = await reader.all("account", { name: nameOrId });
  const account = named ?? (await reader.get("account", nameOrId));
  if (account !== undefined) return account;
  throw new UsageError(`there is no account '${nameOrId}'; 'edge admin account list' shows those there are.`);
}
