/** Certificates that are uploaded, or that an authority is to issue. Part of `ERRORS`. */
export const CERTIFICATE_ERRORS = {
  ERR_NGROK_434: {
    status: 400,
    text: () => "A domain has either a certificate or a policy for getting one, not both.",
    hint: "Take the other one away first.",
  },
  ERR_NGROK_1900: {
    status: 400,
    text: () => "The certificate cannot be read.",
    hint: "Give an X.509 certificate as PEM.",
  },
  ERR_NGROK_1902: {
    status: 400,
    text: () => "The private key is encrypted.",
    hint: "Give it without a passphrase.",
  },
  ERR_NGROK_1903: {
    status: 400,
    text: () => "The private key cannot be read, or is of a kind that is not supported.",
    hint: "Give an RSA, elliptic curve or Ed25519 key as PEM.",
  },
  ERR_NGROK_1912: {
    status: 400,
    text: (f: { count: number }) => `One certificate of an authority can be uploaded at a time, not ${f.count}.`,
    hint: "Make one certificate authority of each.",
  },
  ERR_NGROK_1913: {
    status: 400,
    text: () => "The certificate is not that of a certificate authority (RFC 5280, 4.2.1.9).",
    hint: "Give the certificate that signs those of your visitors.",
  },
  ERR_NGROK_1921: {
    status: 400,
    text: (f: { limitBytes: number }) => `The PEM text is larger than ${f.limitBytes} bytes.`,
    hint: "Give the certificate and its chain only.",
  },
  ERR_NGROK_1922: {
    status: 400,
    text: () => "There is no certificate in the PEM text.",
    hint: "It begins with -----BEGIN CERTIFICATE-----.",
  },
  ERR_NGROK_1923: {
    status: 400,
    text: () => "The certificate and the private key do not belong together.",
    hint: "Give the key that the first certificate was made with.",
  },
  ERR_NGROK_1926: {
    status: 400,
    text: () => "The certificates of the chain are not each signed by the next.",
    hint: "Put the leaf first, then the certificate that signed it, and so on.",
  },
  ERR_GINNEL_CERTIFICATE_ORDER: {
    status: 502,
    text: (f: { reason: string }) => `The certificate authority did not issue the certificate: ${f.reason}`,
    hint: "Check that the name leads to this edge; it is tried again.",
  },
  ERR_GINNEL_WILDCARD_ORDER: {
    status: 501,
    text: (f: { domain: string }) =>
      `Certificates for ${f.domain} can be ordered only where the edge can change its DNS.`,
    hint: "Ask the operator to let the edge change the DNS of this domain, or upload a certificate.",
  },
} as const;
