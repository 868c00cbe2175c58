/** Folders for the tests of a file that cannot hold theirs with `using`. */
import { afterEach } from "bun:test";
import { TemporaryFolder } from "./temporary-folder.ts";

/** To be called once by a file. Each folder that is asked for vanishes when the test has ended. */
export function freshFolders(): () => TemporaryFolder {
  const folders: TemporaryFolder[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) folder[Symbol.dispose]();
  });
  return () => {
    const folder = new TemporaryFolder();
    folders.push(folder);
    return folder;
  };
}
