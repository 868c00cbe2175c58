/** Programs of other people, run to their end. */

export interface ClientOptions {
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ClientOutcome {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Rejects only when there is no such program. */
export async function runClient(command: readonly string[], options: ClientOptions = {}): Promise<ClientOutcome> {
  const child = Bun.spawn([...command], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH: process.env["PATH"], LC_ALL: "C", ...options.env },
    stdin: Buffer.from(options.stdin ?? ""),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.bytes(), child.stderr.text()]);
  return { code, stdout: Buffer.from(stdout), stderr };
}

/** What the program printed; rejects, with what it complained of, when it fails. */
export async function succeed(command: readonly string[], options: ClientOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runClient(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr || stdout.toString()}`);
  return stdout.toString();
}
