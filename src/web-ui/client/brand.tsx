/** Sign and name of the product. */
export function Brand() {
  return (
    <span class="brand">
      <svg class="logo" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
        <path d="M7 27V14a9 9 0 0 1 18 0v13" />
        <path d="M16 27v-7" />
      </svg>
      ginnel
    </span>
  );
}
