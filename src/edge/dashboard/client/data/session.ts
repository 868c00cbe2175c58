/** Who is signed in, in the eyes of this page; the edge knows better, and its 401 ends it here too. */
import { Subject } from "../../../../web-ui/client/subject.ts";
import { callDashboard, refusals } from "./call.ts";
import { CallFailure, failureText } from "./call-failure.ts";

export interface SessionAccount {
  readonly id: string;
  readonly name: string;
}

export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "in"; readonly account: SessionAccount }
  /** `remark` tells why, when there is something to tell. */
  | { readonly state: "out"; readonly remark: string };

export const session = new Subject<Session>({ state: "unknown" });

const EXPIRED = "Your session has ended. Sign in again to go on where you were.";

refusals.listen(() => {
  if (session.value.state === "in") session.set({ state: "out", remark: EXPIRED });
});

/** Is somebody signed in already? */
export async function resumeSession(): Promise<void> {
  try {
    session.set({ state: "in", account: accountIn(await callDashboard("GET", "/session")) });
  } catch (failure) {
    const isNobody = failure instanceof CallFailure && failure.status === 401;
    session.set({ state: "out", remark: isNobody ? "" : failureText(failure) });
  }
}

/** @throws CallFailure when the key lets nobody in */
export async function signIn(apiKey: string): Promise<void> {
  await callDashboard("POST", "/session", { api_key: apiKey });
  session.set({ state: "in", account: accountIn(await callDashboard("GET", "/session")) });
}

/** @throws CallFailure when the edge did not hear of it */
export async function signOut(): Promise<void> {
  await callDashboard("DELETE", "/session");
  session.set({ state: "out", remark: "You are signed out." });
}

function accountIn(answer: unknown): SessionAccount {
  const account: unknown =
    typeof answer === "object" && answer !== null && "account" in answer ? answer.account : undefined;
  const has = typeof account === "object" && account !== null && "id" in account && "name" in account;
  return has ? { id: String(account.id), name: String(account.name) } : { id: "", name: "" };
}
