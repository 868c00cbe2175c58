/**
 * There is no such record, or it belongs to another account, which nobody can tell apart (reference.md 8.2). Also for ids in the
 * body of a call.
 */
export class ResourceNotFound extends Error {
  override readonly name = "ResourceNotFound";

  constructor() {
    super("Resource not found");
  }
}
