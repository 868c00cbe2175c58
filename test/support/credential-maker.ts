/** Changes by the management API of an edge, and whether those that it acknowledged are there. */

/** What the API answers to a change that was made. */
export const MADE = "201 ";

export class CredentialMaker {
  readonly #api: string;
  readonly #how: { readonly headers: Readonly<Record<string, string>>; readonly keepalive: false };
  readonly #acknowledged: string[] = [];

  /** `management` is the port of `--management-addr`. */
  constructor(management: number, apiKey: string) {
    this.#api = `http://127.0.0.1:${management}/credentials`;
    const headers = { Authorization: `Bearer ${apiKey}`, "Ngrok-Version": "2", "Content-Type": "application/json" };
    // The edge may be another process at the next call.
    this.#how = { headers, keepalive: false };
  }

  /** {@link MADE}, or the status and the code of the error. */
  async make(): Promise<string> {
    const answer = await fetch(this.#api, { ...this.#how, method: "POST", body: "{}" });
    const { id, error_code: code } = (await answer.json()) as Readonly<Record<string, string | undefined>>; // our own API
    if (answer.status === 201 && id !== undefined) this.#acknowledged.push(id);
    return `${answer.status} ${code ?? ""}`;
  }

  /** Of those that were acknowledged. */
  async lost(): Promise<readonly string[]> {
    const isThere = async (id: string): Promise<boolean> =>
      (await fetch(`${this.#api}/${id}`, this.#how)).status === 200;
    const found = await Promise.all(this.#acknowledged.map(isThere));
    return this.#acknowledged.filter((_, at) => found[at] !== true);
  }
}
