/** Why a line of the log of changes is passed over. */
export class UnreadableChange extends Error {
  override readonly name = "UnreadableChange";
  /** False: no listener of this version knows any record of this kind. */
  readonly isOfKnownKind: boolean;

  private constructor(message: string, isOfKnownKind: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isOfKnownKind = isOfKnownKind;
  }

  static ofUnknownKind(recordType: string): UnreadableChange {
    const reason = `changes of ${JSON.stringify(recordType)} are passed over: this version knows no such records`;
    return new UnreadableChange(`${reason}; bring every node to the newest version`, false);
  }

  static ofRecord(recordType: string, seq: number, cause: unknown): UnreadableChange {
    const reason = `change ${seq}, of a ${recordType}, cannot be read in the log of changes: all records are read again`;
    return new UnreadableChange(`${reason}; bring every node to the same version`, true, { cause });
  }
}
