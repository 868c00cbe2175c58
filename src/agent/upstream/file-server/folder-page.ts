/** The page that shows what is in a folder. Works without scripts; every name in it is escaped. */
import { lstat, opendir } from "node:fs/promises";
import { html } from "hono/html";
import { join } from "node:path";

/** A larger folder is cut, because a page of it costs one look at every file, and anybody can ask for it. */
export const MAX_ENTRIES = 2_000;

export interface FolderEntry {
  readonly name: string;
  readonly kind: "folder" | "file" | "other";
  /** Bytes of a file. Links have none, since what they lead to may not be ours to show. */
  readonly sizeBytes?: number | undefined;
  readonly modifiedAt: Date;
}

export interface FolderContent {
  /** Folders first, then by name. */
  readonly entries: readonly FolderEntry[];
  /** There are more than {@link MAX_ENTRIES}. */
  readonly isCut: boolean;
}

/** Entries that vanish meanwhile are left out. */
export async function readFolder(path: string): Promise<FolderContent> {
  const names: string[] = [];
  let isCut = false;
  for await (const { name } of await opendir(path)) {
    if (names.length === MAX_ENTRIES) {
      isCut = true;
      break;
    }
    names.push(name);
  }
  const entries = await Promise.all(names.map((name) => look(path, name)));
  return { entries: entries.filter((entry) => entry !== undefined).sort(inOrder), isCut };
}

/** `names` lead from the served folder to this one. */
export async function folderPage(names: readonly string[], { entries, isCut }: FolderContent): Promise<string> {
  const title = `/${names.map((name) => `${name}/`).join("")}`;
  const up =
    names.length === 0
      ? ""
      : html`<tr>
          <td><a href="../">../</a></td>
          <td></td>
          <td></td>
        </tr>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          body {
            font:
              1rem/1.5 system-ui,
              sans-serif;
            margin: 2rem;
            color-scheme: light dark;
          }
          td,
          th {
            padding: 0 2rem 0 0;
            text-align: left;
          }
          td:nth-child(2),
          th:nth-child(2) {
            text-align: right;
          }
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>Bytes</th>
              <th>Changed (UTC)</th>
            </tr>
          </thead>
          <tbody>
            ${up}${entries.map(row)}
          </tbody>
        </table>
        ${isCut ? html`<p>There is more than these ${MAX_ENTRIES} entries.</p>` : ""}
      </body>
    </html> `;
  return (await page).toString();
}

function row({ name, kind, sizeBytes, modifiedAt }: FolderEntry): ReturnType<typeof html> {
  const slash = kind === "folder" ? "/" : "";
  // The dot keeps a name with a colon from being read as the scheme of a URL.
  return html`<tr>
    <td><a href="${`./${encodeURIComponent(name)}${slash}`}">${name}${slash}</a></td>
    <td>${sizeBytes ?? ""}</td>
    <td>${dateText(modifiedAt)}</td>
  </tr> `;
}

async function look(folder: string, name: string): Promise<FolderEntry | undefined> {
  try {
    const facts = await lstat(join(folder, name));
    const modifiedAt = facts.mtime;
    if (facts.isDirectory()) return { name, kind: "folder", modifiedAt };
    return facts.isFile()
      ? { name, kind: "file", sizeBytes: facts.size, modifiedAt }
      : { name, kind: "other", modifiedAt };
  } catch {
    return undefined;
  }
}

function inOrder(a: FolderEntry, b: FolderEntry): number {
  const byKind = Number(b.kind === "folder") - Number(a.kind === "folder");
  return byKind === 0 ? Number(a.name > b.name) - Number(a.name < b.name) : byKind;
}

function dateText(date: Date): string {
  return date.toISOString().slice(0, 16).replace("T", " ");
}
