/** Real proxies from Debian packages, each with a configuration of its own, on a free port of 127.0.0.1. */
import { createServer } from "node:net";
import { writeFileSync } from "node:fs";
import { once } from "node:events";
import { TemporaryFolder } from "./temporary-folder.ts";

/** Tries another port this often when somebody else was faster to take it. */
const PORT_TRIES = 5;

export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
}

/** HTTP CONNECT; `login` (`user password`) makes it ask for Basic credentials. */
export function startTinyproxy(login?: string): Promise<RunningProxy> {
  return startOnFreePort("Starting main loop", (port, folder) => {
    const lines = [`Port ${port}`, "Listen 127.0.0.1", "Timeout 60", "MaxClients 20", "LogLevel Info"];
    if (login !== undefined) lines.push(`BasicAuth ${login}`);
    writeFileSync(folder.file("conf"), `${lines.join("\n")}\n`);
    return ["tinyproxy", "-d", "-c", folder.file("conf")];
  });
}

/** SOCKS version 5 without login. */
export function startDante(): Promise<RunningProxy> {
  return startOnFreePort(" running", (port, folder) => {
    const lines = [
      "logoutput: stdout",
      `internal: 127.0.0.1 port = ${port}`,
      "external: 127.0.0.1",
      "socksmethod: none",
      "clientmethod: none",
      "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
      "socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 command: connect }",
      "socks pass { from: 127.0.0.0/8 to: localhost command: connect }",
    ];
    writeFileSync(folder.file("conf"), `${lines.join("\n")}\n`);
    return ["danted", "-f", folder.file("conf"), "-p", folder.file("pid")];
  });
}

type Configure = (port: number, folder: TemporaryFolder) => readonly string[];

/** Resolves when the program has printed `ready`. Neither program can be told to choose a port and say which. */
async function startOnFreePort(ready: string, configure: Configure): Promise<RunningProxy> {
  const complaints: string[] = [];
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const folder = new TemporaryFolder();
    const port = await freePort();
    const path = `${process.env["PATH"]}:/usr/sbin:/sbin`;
    const child = Bun.spawn([...configure(port, folder)], {
      env: { ...process.env, PATH: path },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
    const stop = async (): Promise<void> => {
      child.kill();
      await child.exited;
      folder[Symbol.dispose]();
    };
    const [isReady, log] = await printed(child.stdout, ready);
    if (isReady) return { port, [Symbol.asyncDispose]: stop };
    complaints.push(log);
    await stop();
  }
  throw new Error(`the proxy does not start: ${complaints.join("\n")}`);
}

/** Reads until `text` was printed, or the output ended. What follows is read and dropped, so the program never blocks. */
async function printed(output: ReadableStream<Uint8Array>, text: string): Promise<readonly [boolean, string]> {
  const reader = output.getReader();
  const decoder = new TextDecoder();
  let log = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    log += decoder.decode(part.value, { stream: true });
    if (!log.includes(text)) continue;
    reader.releaseLock();
    void output.pipeTo(new WritableStream()).catch(() => {});
    return [true, log];
  }
  return [false, log];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
