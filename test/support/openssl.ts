/** The openssl program, as the judge of what we make and the maker of what users bring. */

/** Runs `openssl ARGS`, optionally in a folder and with input; answers what it printed. Rejects when it fails. */
export async function openssl(
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): Promise<string> {
  const child = Bun.spawn(["openssl", ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: Buffer.from(options.input ?? ""),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, complaint, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`openssl ${args.join(" ")} ended with ${code}: ${complaint}`);
  return out;
}
