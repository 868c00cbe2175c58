/** What a list is to hold. Newest first. */
export interface Page<R> {
  /** 1 and more. */
  readonly limit: number;
  /** Only what is older than the record of this id, which need not exist any more. */
  readonly beforeId?: string | undefined;
  /** Only what has these very values. Fields that are lists or objects cannot be asked for. */
  readonly where?: Partial<R> | undefined;
}
