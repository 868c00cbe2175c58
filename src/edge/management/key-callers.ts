import { bearerKey, keyHolder } from "./authentication.ts";
import { MAX_CALLS } from "./call-limit.ts";
import { CallerEntrance } from "./caller-entrance.ts";
import type { Identify } from "./management-call.ts";
import type { ManagementServices } from "./management-services.ts";

/** Callers that send an API key with each call, each account at most `MAX_CALLS` times in a window (reference.md 8.1). */
export function keyCallers(
  services: Pick<ManagementServices, "store" | "directory" | "clock" | "failedCallers" | "addressWarnings">,
): Identify {
  const { store, failedCallers } = services;
  const entrance = new CallerEntrance(services, "api", MAX_CALLS);
  return async (request, ip) => {
    const key = bearerKey(request.headers.get("Authorization"));
    const caller = await failedCallers.check({ ip, key, signal: request.signal }, () => keyHolder(store, key));
    entrance.admit(caller.account.id, ip);
    return caller;
  };
}
