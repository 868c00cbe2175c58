/** Real proxies from Debian packages, each with a configuration of its own, on a free port of 127.0.0.1. */
import { writeFileSync } from "node:fs";
import { startOnFreePort } from "./started-program.ts";

export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
}

/** HTTP CONNECT; `login` (`user password`) makes it ask for Basic credentials. */
export function startTinyproxy(login?: string): Promise<RunningProxy> {
  return startOnFreePort({
    ready: "Starting main loop",
    prints: "stdout",
    command: (port, folder) => {
      const lines = [`Port ${port}`, "Listen 127.0.0.1", "Timeout 60", "MaxClients 20", "LogLevel Info"];
      if (login !== undefined) lines.push(`BasicAuth ${login}`);
      writeFileSync(folder.file("conf"), `${lines.join("\n")}\n`);
      return ["tinyproxy", "-d", "-c", folder.file("conf")];
    },
  });
}

/** SOCKS version 5 without login. */
export function startDante(): Promise<RunningProxy> {
  return startOnFreePort({
    ready: " running",
    prints: "stdout",
    command: (port, folder) => {
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
    },
  });
}
