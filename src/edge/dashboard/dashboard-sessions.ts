import { createHash } from "node:crypto";

/** However it is used, a session ends after this time. */
export const SESSION_MS = 12 * 3_600_000;
/** One that is not used ends after this time. */
export const IDLE_MS = 3_600_000;
/** Of one account: every person and browser has one. Beyond, the one that was not used for longest ends. */
export const MAX_SESSIONS_OF_ACCOUNT = 50;
/** Of all accounts together, likewise. */
export const MAX_SESSIONS = 10_000;

const ID_BYTES = 32;
/** As {@link DashboardSessions.begin} writes it: {@link ID_BYTES} in base64url. */
const ID_FORM = /^[A-Za-z0-9_-]{43}$/;

/** The API key that somebody signed in with. */
export interface KeyOfSession {
  readonly keyId: string;
  readonly accountId: string;
}

export interface DashboardSession extends KeyOfSession {
  /** When it ends if it is not used again. By the clock of {@link DashboardSessions.use}. */
  readonly endsAtMs: number;
}

export interface SessionLimits {
  readonly ofAccount: number;
  readonly ofAll: number;
}

interface Kept {
  readonly key: KeyOfSession;
  readonly begunAtMs: number;
  readonly usedAtMs: number;
}

/** Who is signed in, in the memory of this process. Of a session's id only the hash is kept. */
export class DashboardSessions {
  /** By hash of the id; the one used last at the end, so that the first is the one that was not used for longest. */
  readonly #sessions = new Map<string, Kept>();
  readonly #limits: SessionLimits;

  constructor(limits: SessionLimits = { ofAccount: MAX_SESSIONS_OF_ACCOUNT, ofAll: MAX_SESSIONS }) {
    this.#limits = limits;
  }

  /** Begins one, and answers its id: 256 random bits that let in whoever has them. */
  begin(key: KeyOfSession, nowMs: number): string {
    this.#makeRoom(key.accountId);
    const id = crypto.getRandomValues(new Uint8Array(ID_BYTES)).toBase64({ alphabet: "base64url", omitPadding: true });
    this.#sessions.set(hashOf(id), { key, begunAtMs: nowMs, usedAtMs: nowMs });
    return id;
  }

  /** The session of this id, which is used by that; `undefined` when there is none, or it has ended. */
  use(id: string, nowMs: number): DashboardSession | undefined {
    if (!ID_FORM.test(id)) return undefined;
    const hash = hashOf(id);
    const found = this.#sessions.get(hash);
    this.#sessions.delete(hash);
    if (found === undefined || endOf(found) <= nowMs) return undefined;
    const used = { ...found, usedAtMs: nowMs };
    this.#sessions.set(hash, used);
    return { ...found.key, endsAtMs: endOf(used) };
  }

  end(id: string): void {
    this.#sessions.delete(hashOf(id));
  }

  /** Those that have ended but were never used again go like all others. */
  #makeRoom(accountId: string): void {
    let ofAccount = 0;
    let unusedOfAccount: string | undefined;
    for (const [hash, { key }] of this.#sessions) {
      if (key.accountId !== accountId) continue;
      ofAccount += 1;
      unusedOfAccount ??= hash;
    }
    if (unusedOfAccount !== undefined && ofAccount >= this.#limits.ofAccount) this.#sessions.delete(unusedOfAccount);
    const [unused] = this.#sessions.keys();
    if (unused !== undefined && this.#sessions.size >= this.#limits.ofAll) this.#sessions.delete(unused);
  }
}

function endOf({ begunAtMs, usedAtMs }: Kept): number {
  return Math.min(begunAtMs + SESSION_MS, usedAtMs + IDLE_MS);
}

/** A plain hash suffices: ids are random. It also keeps the time of a look-up from telling anything of an id. */
function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
