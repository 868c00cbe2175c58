import { bearerKey, checkSource, keyHolder } from "./authentication.ts";
import { CallLimit } from "./call-limit.ts";
import type { Identify } from "./management-call.ts";
import type { ManagementServices } from "./management-services.ts";

/** Callers that send an API key with each call, each account at most `MAX_CALLS` times in a window (reference.md 8.1). */
export function keyCallers(
  services: Pick<ManagementServices, "store" | "clock" | "failedCallers" | "addressWarnings">,
): Identify {
  const { store, clock, failedCallers } = services;
  const limit = new CallLimit();
  return async (request, ip) => {
    const key = bearerKey(request.headers.get("Authorization"));
    const caller = await failedCallers.check(
      ip,
      () => clock.nowMs(),
      () => keyHolder(store, key),
    );
    await checkSource(services, { accountId: caller.account.id, type: "api", ip });
    limit.count(caller.account.id, clock.nowMs());
    return caller;
  };
}
