/** Secrets by where they were put, in every spelling that would give one away, and whether they got there. */
import { createPrivateKey } from "node:crypto";

export class SecretMarks {
  readonly #spellings = new Map<string, readonly string[]>();
  readonly #arrived = new Set<string>();

  /** A new one. */
  make(place: string): string {
    const secret = `canary-${place}-${crypto.randomUUID().slice(0, 8)}`;
    this.note(place, secret);
    return secret;
  }

  /** One that somebody else made; a place may have several. */
  note(place: string, secret: string | Uint8Array): void {
    const spellings = typeof secret === "string" ? spellingsOfText(secret) : spellingsOfBytes(secret);
    this.#spellings.set(place, [...(this.#spellings.get(place) ?? []), ...spellings]);
  }

  /** Basic credentials for a header, whose spelling is secret too. */
  basic(place: string, user: string, password = this.make(place)): string {
    this.note(place, `${user}:${password}`);
    return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }

  /** Of a private key in PEM the line with its secret part, and that part; what follows is public, and stands in the certificate too. */
  key(place: string, pem: string): string {
    const { d = "" } = createPrivateKey(pem).export({ format: "jwk" });
    this.note(place, Buffer.from(d, "base64url"));
    this.note(place, pem.split("\n")[1] ?? "");
    return pem;
  }

  /** Whoever the secrets of these places are for has shown that it has them. */
  arrived(...places: readonly string[]): void {
    for (const place of places) {
      if (!this.#spellings.has(place)) throw new RangeError(`there is no secret for ${place}`);
      this.#arrived.add(place);
    }
  }

  /** As {@link arrived}, for all that stand in what somebody has got who was meant to. */
  arrivedIn(text: string): void {
    this.arrived(...this.in(text));
  }

  /** Places that nothing has shown to be reached: that their secrets are nowhere else says nothing. */
  get astray(): readonly string[] {
    return [...this.#spellings.keys()].filter((place) => !this.#arrived.has(place));
  }

  /** The places whose secrets stand in the text; octets as Latin 1. */
  in(text: string): readonly string[] {
    const places = [...this.#spellings].filter(([, spellings]) =>
      spellings.some((spelling) => text.includes(spelling)),
    );
    return places.map(([place]) => place);
  }
}

function spellingsOfText(secret: string): readonly string[] {
  const escaped = Array.from(secret, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Bun.escapeHTML(secret),
    escaped.join(""),
    ...spellingsOfBytes(Buffer.from(secret)),
  ];
}

function spellingsOfBytes(secret: Uint8Array): readonly string[] {
  const pairs = [...secret].map((byte) => byte.toString(16).padStart(2, "0"));
  const hex = ["", ":", " "].flatMap((between) => [pairs.join(between), pairs.join(between).toUpperCase()]);
  const percent = pairs.map((pair) => `%${pair}`).join("");
  const base64 = [0, 1, 2].map((before) => base64Behind(before, secret));
  const base64url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [
    Buffer.from(secret).toString("latin1"),
    ...hex,
    percent,
    percent.toUpperCase(),
    ...new Set([...base64, ...base64url]),
  ];
}

/** What base64 makes of it when so many octets stand before it, and any behind: without the letters that these have a part in. */
function base64Behind(before: number, secret: Uint8Array): string {
  const text = Buffer.concat([new Uint8Array(before), secret]).toString("base64");
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + secret.length) * 8) / 6));
}
