import tls from 'node:tls';

/**
 * Makes TLS clients of this process trust one more authority, as a person does who installs it in the browser: the viewer has no
 * setting for that, since a page has none. Node reads NODE_EXTRA_CA_CERTS at its start alone.
 * @returns how to take the trust back
 */
export function trustAuthority(pem: string): () => void {
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => {
    const secureContext = createSecureContext(options);
    // Whoever names authorities, as the agent does, trusts those and no other.
    if (!options?.ca) secureContext.context.addCACert(pem);
    return secureContext;
  };
  return () => {
    tls.createSecureContext = createSecureContext;
  };
}
