import { BIND, type BindRequest } from "../../src/protocol/rpc/bind.ts";

/** A bind as agents write it: `Proto`, `Id`, `Opts`, `Extra`; what is left out has its default. */
export function bindRequest(wire: Readonly<Record<string, unknown>> = {}): BindRequest {
  return BIND.request.schema.parse(wire);
}
