/** Who is signed in, in the eyes of this page; the edge knows better, and its 401 ends it here too. */
import { tell } from "../../../../web-ui/client/notice.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { failureText } from "./call-failure.ts";
import { isRefusal, plainCall } from "./plain-call.ts";
import { unfinished } from "./unfinished.ts";

export interface SessionAccount {
  readonly id: string;
  readonly name: string;
}

export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "in"; readonly account: SessionAccount }
  /** The page stays, since something on it is unfinished. `isAsked`: its person is being asked to sign in. */
  | { readonly state: "ended"; readonly account: SessionAccount; readonly isAsked: boolean }
  /** `remark` tells why, when there is something to tell. */
  | { readonly state: "out"; readonly remark: string };

/** For changes a person is asked to sign in; reading waits until that is done. */
export type CallKind = "reading" | "change";

export const session = new Subject<Session>({ state: "unknown" });

const EXPIRED: Session = {
  state: "out",
  remark: "Your session has ended. Sign in again to go on where you were.",
};

unfinished.listen(() => {
  if (unfinished.value === 0 && session.value.state === "ended") session.set(EXPIRED);
});

/** Is somebody signed in already? */
export async function resumeSession(): Promise<void> {
  try {
    enter(await signedIn());
  } catch (failure) {
    session.set({ state: "out", remark: isRefusal(failure) ? "" : failureText(failure) });
  }
}

/** @throws CallFailure when the key lets nobody in */
export async function signIn(apiKey: string): Promise<void> {
  await plainCall("POST", "/session", { body: { api_key: apiKey } });
  enter(await signedIn());
}

/** @throws CallFailure when the edge did not hear of it */
export async function signOut(): Promise<void> {
  await plainCall("DELETE", "/session");
  session.set({ state: "out", remark: "You are signed out." });
}

/** Asks who has something unfinished to sign in again, or no longer. */
export function askToSignIn(isAsked: boolean): void {
  const now = session.value;
  if (now.state === "ended") session.set({ ...now, isAsked });
}

/** At once, but for who has to sign in again; false when that is put off, and for who is signed out. @throws CallFailure when the edge is not reached */
export async function maySend(kind: CallKind): Promise<boolean> {
  const { value: now } = session;
  if (now.state !== "ended") return now.state !== "out";
  // It may have been done on another page of this browser.
  if (kind === "change") await lookAgain(now.account);
  return await isBack(now.account, kind);
}

/** A call that was sent in the session `before` was refused: may it be sent again? It may when the same account is signed in again. */
export async function mayRepeat(before: Session, kind: CallKind): Promise<boolean> {
  if (before.state !== "in") return false;
  if (session.value === before) {
    const { account } = before;
    session.set(unfinished.value === 0 ? EXPIRED : { state: "ended", account, isAsked: false });
  }
  return await isBack(before.account, kind);
}

/** Waits for the session to be something else than ended; of a change, also for its person not to want to sign in. */
async function isBack(account: SessionAccount, kind: CallKind): Promise<boolean> {
  if (kind === "change") askToSignIn(true);
  const decided = Promise.withResolvers<void>();
  const look = (): void => {
    const { value: now } = session;
    if (now.state !== "ended" || (kind === "change" && !now.isAsked)) decided.resolve();
  };
  const stop = session.listen(look);
  look();
  await decided.promise;
  stop();
  return session.value.state === "in" && session.value.account.id === account.id;
}

async function lookAgain(before: SessionAccount): Promise<void> {
  try {
    const account = await signedIn();
    // Of another account the person here knows nothing yet, and what is open would be lost.
    if (account.id === before.id) enter(account);
  } catch (failure) {
    if (!isRefusal(failure)) throw failure;
  }
}

function enter(account: SessionAccount): void {
  const before = session.value;
  session.set({ state: "in", account });
  if (before.state === "ended" && before.account.id !== account.id) {
    tell(`Signed in as ${visibleText(account.name)}: what was open belonged to ${visibleText(before.account.name)}.`);
  }
}

async function signedIn(): Promise<SessionAccount> {
  const answer = await plainCall("GET", "/session");
  const account: unknown =
    typeof answer === "object" && answer !== null && "account" in answer ? answer.account : undefined;
  const has = typeof account === "object" && account !== null && "id" in account && "name" in account;
  return has ? { id: String(account.id), name: String(account.name) } : { id: "", name: "" };
}
