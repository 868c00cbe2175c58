/** The processes of an edge that runs, as the system knows them. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { EdgeProcess } from "./edge-process.ts";

/** The further processes of an edge. */
export function workersOf({ pid }: Pick<EdgeProcess, "pid">): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}

/** Whether the process has this connection to a port of 127.0.0.1, which comes from the other port there. */
export function hasConnection(pid: number, port: number, fromPort: number): boolean {
  const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, "0");
  const ends = `0100007F:${hex(port)} 0100007F:${hex(fromPort)} `;
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .find((each) => each.includes(ends));
  const inode = line?.trim().split(/\s+/)[9];
  return inode !== undefined && openFiles(pid).includes(`socket:[${inode}]`);
}

function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((name) => {
    try {
      return readlinkSync(`${folder}/${name}`);
    } catch {
      return ""; // closed meanwhile
    }
  });
}
