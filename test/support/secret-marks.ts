/** Secrets by where they were put, in every spelling that would give one away. */
export class SecretMarks {
  readonly #spellings = new Map<string, readonly string[]>();

  /** A new one. */
  make(place: string): string {
    const secret = `canary-${place}-${crypto.randomUUID().slice(0, 8)}`;
    this.note(place, secret);
    return secret;
  }

  /** One that somebody else made. */
  note(place: string, secret: string): void {
    const plain = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64").replace(/=+$/, "")];
    this.#spellings.set(place, plain);
  }

  /** Basic credentials for a header, whose spelling is secret too. */
  basic(place: string, user: string, password = this.make(place)): string {
    const credentials = Buffer.from(`${user}:${password}`).toString("base64");
    this.#spellings.set(`${place}, in a header`, [credentials]);
    return `Basic ${credentials}`;
  }

  /** Of a private key in PEM the line with its secret part; what follows is public, and stands in the certificate too. */
  key(place: string, pem: string): string {
    this.#spellings.set(place, pem.split("\n").slice(1, 2));
    return pem;
  }

  /** The places whose secrets stand in the text. */
  in(text: string): readonly string[] {
    const places = [...this.#spellings].filter(([, spellings]) =>
      spellings.some((spelling) => text.includes(spelling)),
    );
    return places.map(([place]) => place);
  }
}
