import { parseAuthorization } from "../../body/auth-header.ts";
import { FieldTable, type ShownField } from "./field-table.tsx";

/** Who the visitor says to be. It is taken apart only: nothing here was checked, and that is said. */
export function AuthorizationView({ value }: { readonly value: string }) {
  const authorization = parseAuthorization(value);
  return (
    <div class="authorization">
      <FieldTable title="Authorization, not verified" fields={fieldsOf(authorization)} />
    </div>
  );
}

function fieldsOf(authorization: ReturnType<typeof parseAuthorization>): readonly ShownField[] {
  switch (authorization.scheme) {
    case "basic":
      return [
        { name: "Basic, user", value: authorization.user },
        { name: "password", value: authorization.password },
      ];
    case "bearer":
      return [{ name: "Bearer", value: authorization.token }, ...tokenFields(authorization.jwt)];
    case "digest":
      return authorization.parameters.map(([name, value]) => ({ name: `Digest, ${name}`, value }));
    case "other":
      return [{ name: authorization.name, value: authorization.credentials, note: authorization.fault }];
    default:
      return authorization satisfies never;
  }
}

type Token = Extract<ReturnType<typeof parseAuthorization>, { readonly scheme: "bearer" }>["jwt"];

function tokenFields(token: Token): readonly ShownField[] {
  if (token === undefined) return [];
  return Object.entries(token).map(([name, value]) => ({
    name: `token, ${name}`,
    value: typeof value === "string" ? value : JSON.stringify(value, undefined, 1),
  }));
}
