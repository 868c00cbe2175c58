/** The configurations of actions (reference.md 9.2), with their limits. Texts that would need an expression are refused by name. */
import { z } from "zod";
import { parseDurationMs } from "../../base/duration.ts";
import { PublicError } from "../../base/errors.ts";
import { TLS_VERSIONS, VERIFICATION_STRATEGIES } from "../tls-terms.ts";

/** In a text field: what is between the braces would be computed. */
const INTERPOLATION = /\$\{[^}]*\}?/;

const text = z
  .string()
  .max(16 * 1024)
  .transform((value) => {
    const expression = INTERPOLATION.exec(value)?.[0];
    if (expression !== undefined) throw new PublicError("ERR_NGROK_2200", { expression });
    return value;
  });

const scalar = z.union([text, z.number().transform(String), z.boolean().transform(String)]);
const fields = z.record(z.string(), scalar);
const enforce = z.boolean().default(true);

function status(from: number, to: number) {
  return z.coerce.number().int().min(from).max(to);
}

/** Texts and ids. */
const MAX_AUTHORITIES = 20;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const RATE_STEP_MS = 10_000;

const rate = z.string().transform((value, context) => {
  const windowMs = parseDurationMs(value);
  if (windowMs !== undefined && windowMs >= MINUTE_MS && windowMs <= DAY_MS && windowMs % RATE_STEP_MS === 0)
    return windowMs;
  context.issues.push({ code: "custom", message: "expected 60s to 24h in steps of 10s", input: value });
  return z.NEVER;
});

export const addHeadersConfig = z.strictObject({ headers: fields });
export const removeHeadersConfig = z.strictObject({ headers: z.array(z.string()) });
export const basicAuthConfig = z.strictObject({
  credentials: z.array(text).min(1).max(10),
  realm: text
    .pipe(
      z
        .string()
        .max(128)
        .regex(/^[ -~]*$/),
    )
    .default("ngrok"),
  enforce,
});
export const customResponseConfig = z.strictObject({
  status_code: status(200, 599).default(200),
  body: text.default(""),
  content: text.optional(),
  headers: fields.default({}),
});
export const denyConfig = z.strictObject({ status_code: status(200, 599).default(403) });
export const closeConnectionConfig = z.strictObject({});
export const forwardInternalConfig = z.strictObject({
  url: text,
  on_error: z.enum(["halt", "continue"]).default("halt"),
});
export const rateLimitConfig = z.strictObject({
  name: z.string().max(1023).optional(),
  algorithm: z.literal("sliding_window").default("sliding_window"),
  capacity: z.int().min(1).max(2_000_000_000),
  rate,
  bucket_key: z.array(z.string()).max(10).default([]),
  enforce,
});
export const redirectConfig = z.strictObject({
  from: text.optional(),
  to: text,
  status_code: status(300, 399)
    .refine((code) => code !== 304, "304 is no redirect")
    .default(302),
  headers: fields.default({}),
});
export const restrictIpsConfig = z.strictObject({
  allow: z.array(text).default([]),
  deny: z.array(text).default([]),
  ip_policies: z.array(text).default([]),
  enforce,
});
/** YAML reads a bare 1.2 as a number. */
const tlsVersion = z.union([z.string(), z.number().transform(String)]).pipe(z.enum(TLS_VERSIONS));
export const terminateTlsConfig = z
  .strictObject({
    min_version: tlsVersion.default("1.2"),
    max_version: tlsVersion.default("1.3"),
    server_certificate: text.optional(),
    server_private_key: text.optional(),
    mutual_tls_certificate_authorities: z.array(text).max(MAX_AUTHORITIES).default([]),
    mutual_tls_verification_strategy: z.enum(VERIFICATION_STRATEGIES).optional(),
  })
  .refine(({ min_version: min, max_version: max }) => min <= max, "min_version is above max_version")
  .refine(
    ({ server_certificate: certificate, server_private_key: key }) =>
      (certificate === undefined) === (key === undefined),
    "server_certificate and server_private_key go together",
  )
  .refine(
    ({ mutual_tls_verification_strategy: strategy, mutual_tls_certificate_authorities: authorities }) =>
      strategy !== "require-and-verify" || authorities.length > 0,
    "require-and-verify needs mutual_tls_certificate_authorities",
  );
export const urlRewriteConfig = z.strictObject({ from: text, to: text });

/** @throws PublicError 2203 naming the action and the setting */
export function readConfig<S extends z.ZodType>(action: string, schema: S, config: unknown): z.output<S> {
  const read = schema.safeParse(config);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new PublicError("ERR_NGROK_2203", { action, reason: `${place}${issue?.message ?? "invalid"}` });
}
