/** Who may in, and who is in: from an API key to a session, and from a session's cookie to the caller. */
import { z } from "zod";
import { PublicError } from "../../base/errors.ts";
import { LineBudget } from "../../telemetry/line-budget.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Store } from "../../store/store.ts";
import { keyHolder } from "../management/authentication.ts";
import { bodyFields } from "../management/body-fields.ts";
import { callBody, MAX_SIGN_IN_BYTES } from "../management/call-request.ts";
import { CallerEntrance, type EntranceServices } from "../management/caller-entrance.ts";
import type { FailedCallers } from "../management/failed-callers.ts";
import type { Caller } from "../management/management-call.ts";
import { DashboardSessions } from "./dashboard-sessions.ts";
import { noSessionCookie, sessionCookie, sessionIdIn } from "./session-cookie.ts";

/** Calls and sign-ins of one account in a minute, over all browsers: pages ask for several lists, and for figures every few seconds. */
export const MAX_DASHBOARD_CALLS = 1_200;
/** The account that a page was opened for: another page of the browser may have changed the session that both use. */
const ACCOUNT_HEADER = "Ginnel-Account";
const REFUSALS_LOGGED = { maxLines: 60, windowMs: 60_000 };

const signInFields = z.strictObject({ api_key: z.string() });

export interface SignInServices extends EntranceServices {
  readonly store: Store;
  readonly log: Logger;
  readonly failedCallers: FailedCallers;
}

export interface SignedIn {
  readonly caller: Caller;
  /** Unless it is used before. */
  readonly endsAt: Date;
}

/** `ip` is always the address that the request comes from, without port. */
export class SignIns {
  readonly #services: SignInServices;
  readonly #sessions = new DashboardSessions();
  readonly #refusals = new LineBudget(REFUSALS_LOGGED);
  readonly #entrance: CallerEntrance;

  constructor(services: SignInServices) {
    this.#services = services;
    this.#entrance = new CallerEntrance(services, "dashboard", MAX_DASHBOARD_CALLS);
  }

  /**
   * Begins a session with the key in the body, and answers its `Set-Cookie`. One that the browser had before is over.
   * @throws PublicError, CallRefused; never with what was sent
   */
  async begin(request: Request, ip: string): Promise<string> {
    const { clock, log } = this.#services;
    const body = await callBody(request, { method: "POST", fields: signInFields }, MAX_SIGN_IN_BYTES);
    const { api_key: key } = bodyFields(signInFields, body);
    const { account, actor } = await this.#admitted(key.trim(), request, ip);
    this.#forget(request);
    const id = this.#sessions.begin({ keyId: actor.id, accountId: account.id }, clock.nowMs());
    log.info("signed in to the dashboard", { obj: "dashboard", account: account.id, key: actor.id, ip });
    return sessionCookie(id, isSecure(request));
  }

  /**
   * Who sends a request, by its cookie; looks at once whether the API key and its account still let in. A request that names another
   * account in {@link ACCOUNT_HEADER} is refused like one without a session; the session goes on.
   * @throws PublicError, CallRefused
   */
  async whoSends(request: Request, ip: string): Promise<SignedIn> {
    const { store, clock } = this.#services;
    const nowMs = clock.nowMs();
    const session = this.#sessions.use(sessionIdOf(request) ?? "", nowMs);
    const meant = request.headers.get(ACCOUNT_HEADER) ?? session?.accountId;
    if (session === undefined || session.accountId !== meant) throw new PublicError("ERR_GINNEL_NOT_SIGNED_IN", {});
    const { keyId, accountId, endsAtMs } = session;
    const [key, account] = await Promise.all([store.get("apiKey", keyId), store.get("account", accountId)]);
    if (key === undefined || account === undefined || account.isDisabled) {
      this.#forget(request);
      throw new PublicError("ERR_GINNEL_NOT_SIGNED_IN", {});
    }
    this.#entrance.admit(accountId, ip);
    const endsAt = new Date(clock.date().getTime() + endsAtMs - nowMs);
    return { caller: { account, actor: { kind: "dashboard", id: keyId } }, endsAt };
  }

  /** Ends the session, if there is one, and answers the `Set-Cookie` that takes the cookie away. */
  end(request: Request): string {
    this.#forget(request);
    return noSessionCookie(isSecure(request));
  }

  async #admitted(key: string, { signal }: Request, ip: string): Promise<Caller> {
    const { store, failedCallers } = this.#services;
    try {
      const holder = await failedCallers.check({ ip, key, signal }, () => keyHolder(store, key));
      this.#entrance.admit(holder.account.id, ip);
      return holder;
    } catch (error) {
      if (error instanceof PublicError) this.#logRefusal(error, ip);
      throw error;
    }
  }

  #logRefusal({ code }: PublicError, ip: string): void {
    const { clock, log } = this.#services;
    const leftOut = this.#refusals.take(clock.nowMs());
    if (leftOut === undefined) return;
    log.warn("not let in to the dashboard", { obj: "dashboard", code, ip, left_out: leftOut || undefined });
  }

  #forget(request: Request): void {
    const id = sessionIdOf(request);
    if (id !== undefined) this.#sessions.end(id);
  }
}

function sessionIdOf(request: Request): string | undefined {
  return sessionIdIn(request.headers.get("Cookie"), isSecure(request));
}

function isSecure({ url }: Request): boolean {
  return new URL(url).protocol === "https:";
}
