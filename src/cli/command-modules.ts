/** Where each command lives. Loaded only when run: a start must not pay for the commands it does not use. */
import { UsageError } from "../base/errors.ts";
import type { CommandContext, CommandModule } from "./command-context.ts";
import type { CommandName } from "./command-table.ts";
import { type ApiInvocation, type Invocation, isApiInvocation } from "./invocation.ts";

type Modules = { readonly [N in CommandName]?: () => Promise<CommandModule<N>> };

const MODULES: Modules = {
  http: () => import("./commands/endpoint.ts"),
  tcp: () => import("./commands/endpoint.ts"),
  tls: () => import("./commands/endpoint.ts"),
  start: () => import("./commands/start.ts"),
  authtoken: () => import("./commands/add-authtoken.ts"),
  "config check": () => import("./commands/config-check.ts"),
  "config add-authtoken": () => import("./commands/add-authtoken.ts"),
  "config add-api-key": () => import("./commands/add-api-key.ts"),
  "config add-connect-url": () => import("./commands/add-connect-url.ts"),
  "config edit": () => import("./commands/config-edit.ts"),
  "config upgrade": () => import("./commands/config-upgrade.ts"),
  diagnose: () => import("./commands/diagnose.ts"),
  completion: () => import("./commands/completion.ts"),
  version: () => import("./commands/version.ts"),
  help: () => import("./commands/help.ts"),
  edge: () => import("./commands/edge.ts"),
  "edge check": () => import("./commands/edge-check.ts"),
  "edge ca": () => import("./commands/edge-ca.ts"),
  "edge backup": () => import("./commands/edge-backup.ts"),
  "edge admin account create": () => import("./commands/edge-admin-account.ts"),
  "edge admin account list": () => import("./commands/edge-admin-account.ts"),
  "edge admin account disable": () => import("./commands/edge-admin-account.ts"),
  "edge admin account enable": () => import("./commands/edge-admin-account.ts"),
  "edge admin account limit": () => import("./commands/edge-admin-account.ts"),
  "edge admin account delete": () => import("./commands/edge-admin-account.ts"),
  "edge admin authtoken create": () => import("./commands/edge-admin-access.ts"),
  "edge admin authtoken list": () => import("./commands/edge-admin-access.ts"),
  "edge admin authtoken delete": () => import("./commands/edge-admin-access.ts"),
  "edge admin api-key create": () => import("./commands/edge-admin-access.ts"),
  "edge admin api-key list": () => import("./commands/edge-admin-access.ts"),
  "edge admin api-key delete": () => import("./commands/edge-admin-access.ts"),
  "edge admin ip-restriction list": () => import("./commands/edge-admin-ip-restriction.ts"),
  "edge admin ip-restriction delete": () => import("./commands/edge-admin-ip-restriction.ts"),
  update: () => import("./commands/update.ts"),
  credits: () => import("./commands/credits.ts"),
};

/** Runs one command to its exit code. */
export async function runCommand(invocation: Invocation | ApiInvocation, context: CommandContext): Promise<number> {
  if (isApiInvocation(invocation)) return (await import("./commands/api.ts")).run(invocation, context);
  // The table ties each name to a module for that name; the compiler cannot follow a name that it does not know.
  const load = MODULES[invocation.command] as (() => Promise<CommandModule<CommandName>>) | undefined;
  if (load === undefined) throw new UsageError(`Command '${invocation.command}' is not yet supported by this version.`);
  const { run } = await load();
  return run(invocation, context);
}
