/** The curl program as a visitor. */
import { TemporaryFolder } from "./temporary-folder.ts";
import type { Place } from "./tunnel-system.ts";

export interface Curled {
  /** Exit code: 0 fine, 18 partial file, 56 receive error. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * `curl ARGS` with the URL of `path` at a place; trusts the edge, and finds it on this machine whatever its name is. Speaks
 * HTTP/1.1 unless the arguments say otherwise.
 */
export async function curl(place: Place, path: string, ...args: readonly string[]): Promise<Curled> {
  using folder = new TemporaryFolder();
  await Bun.write(folder.file("ca.pem"), place.caPem);
  const url = `${place.scheme}://${place.authority}${path}`;
  const usual = [
    "-sS",
    "-q",
    "-m",
    "30",
    "--noproxy",
    "*",
    "--path-as-is",
    "--http1.1",
    "--cacert",
    folder.file("ca.pem"),
  ];
  const child = Bun.spawn(["curl", ...usual, "--resolve", `${place.host}:${place.port}:127.0.0.1`, ...args, url], {
    env: { PATH: process.env["PATH"], HOME: folder.path },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { code, stdout, stderr };
}
