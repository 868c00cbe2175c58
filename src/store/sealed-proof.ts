/** A word that lies in the database sealed, and tells whether a key is the one that the private keys were sealed with. */
import type { Run } from "./database.ts";
import type { SecretBox } from "./secret-box.ts";
import { StoreError } from "./store-error.ts";

/** What the sealed proof says, and for whom it is sealed. */
const PROOF = "ginnel";

/** Leaves the proof for all keys to come. Within a transaction. */
export async function leaveProof(run: Run, secrets: SecretBox): Promise<void> {
  await run("INSERT INTO sealed_proof (id, sealed) VALUES ($1, $2)", [PROOF, secrets.seal(PROOF, PROOF)]);
}

/**
 * Whether there is a proof.
 * @throws StoreError `wrongKey` when it was sealed with another key, or there is none to open it with
 */
export async function checkProof(run: Run, secrets: SecretBox | undefined, where: string): Promise<boolean> {
  const [row] = await run("SELECT sealed FROM sealed_proof WHERE id = $1", [PROOF]);
  if (row === undefined) return false;
  const { sealed } = row;
  if (sealed instanceof Uint8Array && secrets?.open(sealed, PROOF) === PROOF) return true;
  const found = secrets === undefined ? "a key that is not there any more" : "another key than the one given";
  throw new StoreError(
    "wrongKey",
    `the private keys in the database ${where} were sealed with ${found}. ` +
      "Give the key that it was first used with; a backup needs the key of the same time.",
  );
}
