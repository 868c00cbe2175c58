import { useMemo } from "hono/jsx/dom";
import { ageText, dateTimeText } from "../../../../web-ui/text/amount-text.ts";
import { parseAuthorization } from "../../body/auth-header.ts";
import { readJson } from "../../body/json-tree.ts";
import type { UnverifiedJwt } from "../../body/jwt.ts";
import { FieldTable, type ShownField } from "./field-table.tsx";
import { JsonView } from "./json-view.tsx";

/** Who the visitor says to be. It is taken apart only: nothing here was checked, and that is said. */
export function AuthorizationView({ value }: { readonly value: string }) {
  const authorization = useMemo(() => parseAuthorization(value), [value]);
  const token = authorization.scheme === "bearer" ? authorization.jwt : undefined;
  return (
    <div class="authorization">
      <FieldTable title="Authorization, not verified" fields={fieldsOf(authorization)} />
      {token !== undefined && (
        <>
          <TokenPart title="Header of the token" json={token.header} />
          <TokenPart title="Claims of the token" json={token.claims} />
        </>
      )}
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

const TIME_NAMES = { iat: "issued", nbf: "not before", exp: "expires" } as const;

function tokenFields(token: UnverifiedJwt | undefined): readonly ShownField[] {
  if (token === undefined) return [];
  const times = token.times.map(({ name, at }) => ({
    name: TIME_NAMES[name],
    value: dateTimeText(at),
    note: at.getTime() > Date.now() ? undefined : ageText(Date.now() - at.getTime()),
  }));
  return token.hasSignature ? times : [...times, { name: "signature", value: "", note: "none" }];
}

function TokenPart({ title, json }: { readonly title: string; readonly json: string }) {
  const { rows } = useMemo(() => readJson(json), [json]);
  return (
    <div class="field-table">
      <h4>{title}</h4>
      <JsonView rows={rows} label={title} />
    </div>
  );
}
