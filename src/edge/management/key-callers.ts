import type { Clock } from "../../base/clock.ts";
import type { Store } from "../../store/store.ts";
import { authenticate, checkSource } from "./authentication.ts";
import { CallLimit } from "./call-limit.ts";
import type { Identify } from "./management-call.ts";

/** Callers that send an API key with each call, each account at most `MAX_CALLS` times in a window (reference.md 8.1). */
export function keyCallers(store: Store, clock: Clock): Identify {
  const limit = new CallLimit();
  return async (request, ip) => {
    const caller = await authenticate(store, request.headers.get("Authorization"));
    await checkSource(store, caller.account.id, ip, "api");
    limit.count(caller.account.id, clock.nowMs());
    return caller;
  };
}
