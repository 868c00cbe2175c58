/** Failures of the dashboard that nothing else shows. Part of `ERRORS`. */
export const DASHBOARD_ERRORS = {
  ERR_GINNEL_NOT_SIGNED_IN: {
    status: 401,
    text: () => "Nobody is signed in here, or the session has ended.",
    hint: "Sign in with an API key.",
  },
  ERR_GINNEL_STRANGE_CALL: {
    status: 403,
    text: (f: { reason: string }) => `The dashboard does not answer this: ${f.reason}.`,
    hint: "Open the dashboard by the address that the operator of the edge tells.",
  },
} as const;
